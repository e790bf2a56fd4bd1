"""Frozen nouns. They import nothing of ours outside this package."""
