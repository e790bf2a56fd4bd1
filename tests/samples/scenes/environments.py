"""Environments with wrong pins: the failure comes at the import, or with the first file."""

from scenes import keras, model, scene

TF1, TF210, TF215 = "tf1.15-py37", "tf2.10-py39", "tf2.15-py311"
THEANO = "keras2.3.1-theano-py37"


class Imports(object):
    def save(self):
        pass

    def load(self):
        keras()


class ReadsHdf5(object):
    def save(self):
        model(keras()).save("model.h5")

    def load(self):
        keras().models.load_model("model.h5")


H5PY3 = {"packages": ["h5py==3.1.0", "cached-property==1.5.2"]}
scene("h5py3-decode@tensorflow1", saver=TF1, loader=dict(H5PY3, over=TF1), format="h5")(ReadsHdf5)
scene("h5py3-decode@theano", saver=THEANO, loader=dict(H5PY3, over=THEANO), format="h5")(ReadsHdf5)

PROTOBUF4 = {"packages": ["protobuf==4.21.12"]}
scene("protobuf-descriptors@tf2.10", loader=dict(PROTOBUF4, over=TF210))(Imports)
scene("protobuf-descriptors@tensorflow1", loader=dict(PROTOBUF4, over=TF1))(Imports)

NUMPY2 = {"packages": ["numpy==2.0.2"]}
scene("numpy2-binary", loader=dict(NUMPY2, over=TF215))(Imports)
scene("numpy2-bfloat16", loader=dict(NUMPY2, over=TF210))(Imports)


@scene("numpy-symbolic-tensor", loader={"packages": ["numpy==1.21.6"], "over": TF1})
class SymbolicTensor(object):
    def save(self):
        pass

    def load(self):
        k = keras()
        k.models.Sequential([k.layers.LSTM(2, input_shape=(3, 2))])


@scene(
    "tensorflow-missing",
    loader={"packages": [], "over": "keras3.15-jax-py312", "variables": {"KERAS_BACKEND": ""}},
)
class NoTensorflow(Imports):
    def load(self):
        import os

        os.environ["KERAS_BACKEND"] = "tensorflow"
        keras()
