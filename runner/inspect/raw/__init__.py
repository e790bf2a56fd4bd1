"""Formats byte by byte: what they hold, without an opinion on it."""
