"""A serialized model: what its config says. Pure."""
