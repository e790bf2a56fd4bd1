"""A user's own saved file in the environments of the matrix."""
