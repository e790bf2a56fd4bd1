"""From results to decisions: expectations, differences, the answer to an upgrade. Pure."""
