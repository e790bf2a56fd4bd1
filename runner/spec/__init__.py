"""From matrix.yaml and the catalogue to a Spec: positions, hints, all mistakes at once."""
