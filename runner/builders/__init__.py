"""Builders: they turn an Installation into something that can run a worker."""
