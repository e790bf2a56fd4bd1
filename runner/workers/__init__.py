"""The host side of the worker: bundle, process, protocol."""
