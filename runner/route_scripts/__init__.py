"""The text of every route and patch, as a complete script for one environment and one file."""
