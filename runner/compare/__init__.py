"""Compare runs, and answer whether an upgrade is safe. Pure."""
