"""Save a model of one Dense layer to the path that is given."""

import sys

import keras

keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(sys.argv[1])
