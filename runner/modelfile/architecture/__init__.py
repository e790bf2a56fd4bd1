"""What a model's configuration says: layers, inputs, versions."""
