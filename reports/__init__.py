"""Results to JSON, HTML and terminal. Knows results, and nothing else of the runner."""
