import os
import tempfile

import keras

i = keras.Input((3,))
m = keras.Model(i, keras.layers.Dense(2)(i))
p = os.path.join(tempfile.mkdtemp(), "m.keras")
m.save(p)
x = keras.saving.load_model(p).input
print(keras.__version__, type(x))
raise SystemExit(1 if isinstance(x, list) else 0)
