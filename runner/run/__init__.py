"""Plan and run: the one engine for cells and for users' files."""
