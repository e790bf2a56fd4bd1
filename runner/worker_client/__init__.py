"""Start workers in environments and exchange tasks and evidence with them."""
