"""Inspect a saved file without running anything from it."""
