"""kmatrix: measures which Keras and TensorFlow versions load each other's saved models."""

__version__ = "0.1.0"
