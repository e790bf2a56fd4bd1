"""Ways of loading: what there is, and which comes next. Pure; the worker's side is in routes.py."""
