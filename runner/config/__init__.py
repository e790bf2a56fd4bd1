"""Read matrix.yaml, the catalogue and expectations: typed, every mistake with its position."""
