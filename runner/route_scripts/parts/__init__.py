"""Parts of scripts: they run in any environment, without kmatrix."""
