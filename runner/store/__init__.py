"""Evidence in SQLite, artifacts in content-addressed folders."""
