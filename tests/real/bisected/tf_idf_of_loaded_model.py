"""Save a TextVectorization in tf-idf mode, and load it."""

import os
import tempfile

import keras

layer = keras.layers.TextVectorization(output_mode="tf_idf", max_tokens=20)
layer.adapt(["a b c", "a b", "c d e"])
model = keras.Sequential([keras.Input((), dtype="string"), layer])
path = os.path.join(tempfile.mkdtemp(), "m.keras")
model.save(path)
keras.saving.load_model(path)
print(keras.__version__, "loads")
