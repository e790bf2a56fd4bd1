"""``kmatrix convert``: a saved model that does not load becomes a file that does."""
