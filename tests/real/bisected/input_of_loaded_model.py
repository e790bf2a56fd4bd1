"""Exit with 1 where the input of a loaded model with one input is a list."""

import os
import sys
import tempfile

import keras

inputs = keras.Input((3,))
model = keras.Model(inputs, keras.layers.Dense(2)(inputs))
path = os.path.join(tempfile.mkdtemp(), "model.keras")
model.save(path)
found = keras.saving.load_model(path).input
print(keras.__version__, type(found))
sys.exit(1 if isinstance(found, list) else 0)
