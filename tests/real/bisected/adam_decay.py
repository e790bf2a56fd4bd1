"""Make an optimizer with the argument ``decay``."""

import tensorflow as tf

print(tf.__version__, tf.keras.optimizers.Adam(0.1, decay=0.01).get_config()["decay"])
