"""A file of each kind to a ``Draft``: what its parts mean together."""
