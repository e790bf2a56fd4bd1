"""The builder ``docker``: an image for each installation, and workers in sandboxed containers."""
