"""Files that are something else than their name says, or nothing."""

import io
import os
import shutil

from scenes import keras, model, scene

TF1, TF210, TF215 = "tf1.15-py37", "tf2.10-py39", "tf2.15-py311"
KERAS3 = "tf2.21-keras3.15-py312"
POINTER = b"""version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 12345
"""


def write(path, content):
    with io.open(path, "wb") as stream:
        stream.write(content)


def cut(path, size):
    with io.open(path, "r+b") as stream:
        stream.truncate(size)


class Loads(object):
    """Loads ``path`` as a user first tries it."""

    path = "model.h5"

    def save(self):
        pass

    def load(self):
        keras().models.load_model(self.path)


@scene("git-lfs-pointer@h5", loader=TF215, format="h5", head="model.h5")
@scene("git-lfs-pointer@h5-keras3", loader=KERAS3, format="h5", head="model.h5")
class Pointer(Loads):
    def save(self):
        write(self.path, POINTER)


@scene("git-lfs-pointer@keras", loader=KERAS3, format="keras", head="model.keras")
class PointerNamedKeras(Pointer):
    path = "model.keras"


@scene("web-page-instead-of-model", loader=TF210, format="h5", head="model.h5")
class Page(Loads):
    def save(self):
        write(self.path, b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n")


@scene("not-hdf5", loader=TF210, format="h5")
@scene("not-hdf5@keras3", loader=KERAS3, format="h5")
class NotHdf5(Loads):
    def save(self):
        write(self.path, b"half a download, or another format\n" * 40)


@scene("not-hdf5@keras-zip", saver=KERAS3, loader=TF210, format="keras")
class ZipUnderOldKeras(Loads):
    path = "model.keras"

    def save(self):
        model(keras()).save(self.path)


@scene("keras-zip-read-as-savedmodel", saver=TF215, loader=TF1, format="keras")
class ZipUnderTensorflow1(ZipUnderOldKeras):
    pass


@scene("file-truncated@h5", saver=TF215, loader=KERAS3, format="h5")
@scene("file-truncated@h5-keras2", saver=TF215, loader=TF215, format="h5")
@scene("file-truncated@h5-tensorflow1", saver=TF1, loader=TF1, format="h5")
class TruncatedHdf5(Loads):
    def save(self):
        model(keras()).save(self.path)
        cut(self.path, os.path.getsize(self.path) // 2)


@scene("keras-zip-not-found@truncated", saver=KERAS3, loader=KERAS3, format="keras")
@scene("not-hdf5@truncated-zip", saver=TF215, loader=TF215, format="keras")
class TruncatedZip(TruncatedHdf5):
    path = "model.keras"


@scene("keras-zip-not-found@missing", loader=KERAS3, format="keras")
@scene("savedmodel-missing@keras-keras2", loader=TF215, format="keras")
class MissingZip(Loads):
    path = "missing.keras"


@scene("savedmodel-missing@h5", loader=KERAS3, format="h5")
@scene("savedmodel-missing@h5-keras2", loader=TF215, format="h5")
@scene("savedmodel-missing@h5-tensorflow1", loader=TF1, format="h5")
class MissingHdf5(Loads):
    path = "missing.h5"


@scene("savedmodel-missing@folder", loader=TF210, format="savedmodel")
class MissingFolder(Loads):
    path = "missing"


@scene("savedmodel-missing@empty", loader=TF210, format="savedmodel")
class EmptyFolder(Loads):
    path = "empty"

    def save(self):
        os.mkdir(self.path)


@scene("hdf5-named-keras", saver=TF210, loader=KERAS3, format="keras", head="model.keras")
class Hdf5NamedKeras(Loads):
    path = "model.keras"

    def save(self):
        model(keras()).save("model.h5")
        shutil.move("model.h5", self.path)


@scene("savedmodel-into-keras3@folder", saver=TF215, loader=KERAS3, format="savedmodel")
@scene("savedmodel-into-keras3@jax", saver=TF210, loader="keras3.15-jax-py312", format="savedmodel")
class SavedModelFolder(Loads):
    path = "model"

    def save(self):
        model(keras()).save(self.path)


@scene("savedmodel-into-keras3@pickle", loader=KERAS3)
class Pickled(Loads):
    path = "model.pkl"

    def save(self):
        write(self.path, b"\x80\x04.")


@scene("savedmodel-metadata-elsewhere", saver=TF215, loader=TF1, format="savedmodel")
class MetadataElsewhere(SavedModelFolder):
    pass


@scene("folder-read-as-hdf5", saver=TF1, loader="keras2.3.1-theano-py37", format="savedmodel")
class FolderAsHdf5(SavedModelFolder):
    pass


@scene("checkpoint-into-keras3", saver=TF210, loader=KERAS3, format="checkpoint")
class Checkpoint(object):
    def save(self):
        os.mkdir("ckpt")
        model(keras()).save_weights("ckpt/model")

    def load(self):
        model(keras()).load_weights("ckpt/model")


@scene("weights-only-file@keras3", saver=KERAS3, loader=KERAS3, format="h5")
@scene("weights-only-file@keras2", saver=TF210, loader=TF210, format="h5")
@scene("weights-only-file@tensorflow1", saver=TF1, loader=TF1, format="h5")
class WeightsOnly(Loads):
    path = "w.weights.h5"

    def save(self):
        model(keras()).save_weights(self.path)


@scene("savedmodel-without-keras", saver=TF215, loader=TF210, format="savedmodel")
class GraphAlone(SavedModelFolder):
    def save(self):
        import tensorflow as tf

        class Doubles(tf.Module):
            @tf.function(input_signature=[tf.TensorSpec([None, 4])])
            def __call__(self, x):
                return x * 2.0

        tf.saved_model.save(Doubles(), self.path)

    def load(self):
        import tensorflow as tf

        tf.saved_model.load(self.path).predict([[1.0, 2.0, 3.0, 4.0]])


@scene("savedmodel-without-keras@load-model", saver=TF215, loader=TF215, format="savedmodel")
class GraphThroughLoadModel(GraphAlone):
    def load(self):
        keras().models.load_model(self.path).summary()


@scene("graph-from-newer-tensorflow", saver=KERAS3, loader=TF1, format="export")
class NewGraph(object):
    def save(self):
        model(keras()).export("model")

    def load(self):
        import tensorflow as tf

        tf.compat.v1.enable_v2_behavior()
        tf.compat.v2.saved_model.load("model")


@scene("saved-model-of-tensorflow1-api", saver=TF1, loader=TF1, format="savedmodel")
class OldApi(SavedModelFolder):
    def save(self):
        model(keras()).save(self.path, save_format="tf")

    def load(self):
        import tensorflow as tf

        tf.saved_model.load(self.path)


@scene("sequential-config-is-a-list", saver=TF215, loader=KERAS3, format="h5")
class ListConfig(Loads):
    """The config of a Sequential as Keras 2.1 wrote it."""

    def save(self):
        import json

        import h5py

        k = keras()
        k.models.Sequential([k.layers.Dense(2, input_shape=(4,))]).save(self.path)
        with h5py.File(self.path, "r+") as file:
            config = json.loads(file.attrs["model_config"])
            config["config"] = config["config"]["layers"]
            file.attrs["model_config"] = json.dumps(config)


@scene("hdf5-attribute-too-large", loader=KERAS3, format="h5")
@scene("hdf5-attribute-too-large@keras2", loader=TF210, format="h5")
class LongNames(object):
    def save(self):
        pass

    def load(self):
        k = keras()
        source = value = k.layers.Input(shape=(1,))
        value = k.layers.Dense(1, name="n" * 70000)(value)
        k.models.Model(source, value).save("model.h5")


@scene("hdf5-links-refused", saver=KERAS3, loader=KERAS3, format="keras")
class LinkedData(object):
    """The arrays lie in another file."""

    def save(self):
        import h5py

        model(keras()).save_weights("real.weights.h5")
        shutil.copy("real.weights.h5", "other.h5")
        with h5py.File("real.weights.h5", "r+") as file:
            place = "layers/dense/vars/0"
            del file[place]
            file[place] = h5py.ExternalLink("other.h5", place)

    def load(self):
        model(keras()).load_weights("real.weights.h5")


@scene("extension-required-to-save", loader=KERAS3)
class NoExtension(object):
    def save(self):
        pass

    def load(self):
        model(keras()).save("model")


@scene("extension-required-to-save@weights", loader="keras3.15-jax-py312")
class NoWeightsExtension(NoExtension):
    def load(self):
        model(keras()).save_weights("model.h5")
