"""``kmatrix bisect``: the release of a package with which something changed."""
