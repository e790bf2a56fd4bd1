"""Evidence to findings, and the routes that are tried where loading fails. Pure."""
