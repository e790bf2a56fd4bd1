"""The host: reads the matrix, builds environments, runs cells, judges evidence."""
