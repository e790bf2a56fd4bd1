"""Look at a Python that a user has: what is installed, and which versions do not work together."""
