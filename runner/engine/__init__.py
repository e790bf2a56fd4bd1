"""The one door to a Docker Engine: connection, images, containers. Nothing else imports docker."""
