"""Readers of the file formats, within bounds."""
