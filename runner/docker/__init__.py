"""Containers and images through the Docker Engine."""
