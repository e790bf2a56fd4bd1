"""Compare results with the expectations of the matrix's owner."""
