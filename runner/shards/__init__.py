"""A matrix in parts for several machines, and their results united. Pure."""
