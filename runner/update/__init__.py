"""New releases: what the index has that the catalogue and the matrix have not, and the lines."""
