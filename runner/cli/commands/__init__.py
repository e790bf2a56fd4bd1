"""The commands of ``kmatrix``: one module each, named after the command; see ``registry``."""
