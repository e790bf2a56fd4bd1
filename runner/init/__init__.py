"""A first matrix for somebody's repository, from what its files say. Reads text, asks nothing."""
