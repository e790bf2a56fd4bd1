"""Propose YAML: a first matrix, and entries for new releases."""
