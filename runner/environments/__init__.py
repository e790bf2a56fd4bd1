"""Locks, the resolver, interpreters, and the builders of environments and images."""
