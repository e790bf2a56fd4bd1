"""It loads: both sides say what they predict, hold and are made of."""

import gc
import json

from scenes import fixed, probe, scene

TF1, TF210, TF215 = "tf1.15-py37", "tf2.10-py39", "tf2.15-py311"
KERAS3, JAX = "tf2.21-keras3.15-py312", "keras3.15-jax-py312"
THEANO = "keras2.3.1-theano-py37"
# Theano has this layer only with its C++ compiler.
COMPILED = {
    "packages": [],
    "over": THEANO,
    "variables": {"THEANO_FLAGS": "device=cpu,base_compiledir=compiled"},
}
KERAS3_12 = {"packages": ["keras==3.12.0"], "over": JAX}


class Silent(object):
    """``build`` the model, ``write`` it, ``read`` it elsewhere; everything else is the same."""

    shape = (4,)
    path = "model.h5"
    warm_up = False

    def build(self, k):
        source = k.layers.Input(shape=self.shape, name="source")
        return fixed(k.models.Model(source, self.layers(k, source)))

    def write(self, k, model):
        model.save(self.path)

    def read(self, k):
        return k.models.load_model(self.path, **self.options(k))

    def options(self, k):
        return {}

    def inputs(self):
        return [probe(3, *self.shape)]

    def save(self):
        from kmatrix_worker import api

        k = api.import_keras()
        model = self.build(k.keras)
        if self.warm_up:
            model.predict(self.inputs()[0], batch_size=3)
        write_json("saved.json", observe(k, model, self.inputs()))
        self.write(k.keras, model)

    def load(self):
        from kmatrix_worker import api, capture

        k = api.import_keras()
        with capture.Listener() as listener:
            model = self.read(k.keras)
            found = observe(k, model, self.inputs())
            del model
            gc.collect()  # TensorFlow says at the end what a checkpoint did not give
        found["warnings"] = listener.texts()
        write_json("loaded.json", found)


def write_json(path, value):
    with open(path, "w") as stream:
        json.dump(value, stream)


def observe(k, model, inputs):
    """What the matrix's own worker takes down."""
    from kmatrix_worker import codec, observe

    found = {"kind": "load", "stage": "done"}
    for name in ("outputs", "again"):
        found[name] = [codec.encode(value) for value in observe.predict(model, inputs)]
    found["variables"] = observe.variables(model)
    found["config"] = observe.config(model)
    found["layers"] = observe.layers(model)
    found["layer_outputs"] = observe.layer_outputs(k, model, inputs)
    return found


@scene("theano-kernels@conv1d", saver=THEANO, loader=TF215, format="h5", silent=True)
@scene("theano-kernels@conv1d-tf2.10", saver=THEANO, loader=TF210, format="h5", silent=True)
class Conv1d(Silent):
    shape = (6, 2)

    def layers(self, k, value):
        return k.layers.Conv1D(3, 3, name="convolution")(value)


class HardSigmoid(Silent):
    def layers(self, k, value):
        return k.layers.Dense(3, activation="hard_sigmoid", name="bent")(value)


scene("hard-sigmoid-changed@jax", saver=TF215, loader=JAX, format="h5", silent=True)(HardSigmoid)


@scene("hard-sigmoid-changed@keras", saver=TF215, loader=KERAS3, format="keras", silent=True)
class HardSigmoidInZip(HardSigmoid):
    path = "model.keras"

    def build(self, k):
        layers = [k.layers.Input(shape=(4,)), k.layers.Dense(3, activation="hard_sigmoid")]
        return fixed(k.models.Sequential(layers))


class Rebuilt(Silent):
    """Weights alone, into a model that the code builds again."""

    path = "model.weights.h5"

    def write(self, k, model):
        model.save_weights(self.path)

    def read(self, k):
        model = self.rebuild(k)
        model.load_weights(self.path)
        return model

    def rebuild(self, k):
        return fixed(self.build(k), seed=2)


@scene("hard-sigmoid-changed-back", saver=KERAS3, loader=TF215, format="weights-h5", silent=True)
class HardSigmoidBack(Rebuilt):
    layers = HardSigmoid.layers


@scene("recurrent-default-changed@jax", saver=TF1, loader=JAX, format="weights-h5", silent=True)
@scene(
    "recurrent-default-changed@tf2.10", saver=TF1, loader=TF210, format="weights-h5", silent=True
)
class RecurrentDefault(Rebuilt):
    path = "weights.h5"
    shape = (3, 2)

    def layers(self, k, value):
        return k.layers.LSTM(3, name="lstm")(value)


@scene("bilinear-upsampling", saver=COMPILED, loader=TF215, format="h5", silent=True, slow=True)
class Bilinear(Silent):
    shape = (3, 3, 1)

    def layers(self, k, value):
        return k.layers.UpSampling2D(2, interpolation="bilinear", name="up")(value)


def block(k, hide):
    class Block(k.layers.Layer):
        def __init__(self, **kwargs):
            super(Block, self).__init__(**kwargs)
            steps = [k.layers.Dense(3, name="step_%d" % number) for number in range(2)]
            hide(self, steps)
            self.call_steps = lambda x: steps[1](steps[0](x))

        def build(self, shape):
            self.call_steps(k.ops.zeros((1, 4)))
            self.built = True

        def call(self, x):
            return self.call_steps(x)

    return Block


class Sublayers(Silent):
    path = "model.keras"

    def hide(self, layer, steps):
        layer._layers = steps

    def layers(self, k, value):
        return k.layers.Dense(2, name="out")(block(k, self.hide)(name="block")(value))

    def options(self, k):
        return {"custom_objects": {"Block": block(k, self.hide)}}


scene("hidden-sublayers-not-saved", saver=JAX, loader=JAX, format="keras", silent=True)(Sublayers)


@scene(
    "nested-sublayers-not-saved",
    saver=KERAS3_12,
    loader=KERAS3_12,
    format="keras",
    silent=True,
)
@scene("nested-container-skipped", saver=KERAS3_12, loader=JAX, format="keras", silent=True)
class NestedSublayers(Sublayers):
    def hide(self, layer, steps):
        layer.rows = [steps[:1], steps[1:]]


class ByName(Rebuilt):
    path = "weights.h5"
    names = ("first", "second")

    def layers(self, k, value):
        for name in self.names:
            value = k.layers.Dense(3, name=name)(value)
        return value

    def read(self, k):
        self.names = self.other
        model = fixed(self.build(k), seed=2)
        model.load_weights(self.path, by_name=True)
        return model


@scene("weights-not-loaded@tf2.10", saver=TF210, loader=TF210, format="weights-h5", silent=True)
@scene("weights-not-loaded@tensorflow1", saver=TF1, loader=TF1, format="weights-h5", silent=True)
class NoNameFits(ByName):
    other = ("one", "two")


@scene("weights-partly-loaded@tf2.10", saver=TF210, loader=TF210, format="weights-h5", silent=True)
@scene("weights-partly-loaded@jax", saver=TF210, loader=JAX, format="weights-h5", silent=True)
class OneNameFits(ByName):
    other = ("first", "two")


@scene(
    "weight-order-of-frozen-layers@tf2.10",
    saver=TF210,
    loader=TF210,
    format="weights-h5",
    silent=True,
)
@scene(
    "weight-order-of-frozen-layers@tensorflow1",
    saver=TF1,
    loader=TF1,
    format="weights-h5",
    silent=True,
)
class FrozenInside(Rebuilt):
    """Saved with a frozen inner layer, loaded into a model where it is not."""

    path = "weights.h5"
    frozen = True

    def layers(self, k, value):
        inner = k.models.Sequential(name="inner")
        for name in ("first", "second"):
            inner.add(k.layers.Dense(4, name=name, input_shape=(4,)))
        inner.layers[0].trainable = not self.frozen
        return k.layers.Dense(2, name="out")(inner(value))

    def read(self, k):
        self.frozen = False
        return super(FrozenInside, self).read(k)


@scene("custom-name-of-a-builtin", saver=JAX, loader=JAX, format="keras", silent=True)
class NameOfBuiltin(Silent):
    path = "model.keras"

    def layers(self, k, value):
        def gelu(x):
            return x * 0.5

        gelu.__module__ = "mine"
        return k.layers.Dense(3, activation=gelu)(value)


@scene("state-not-saved@tf2.10", saver=TF210, loader=TF210, format="h5", silent=True)
class Stateful(Silent):
    shape = (3, 2)
    warm_up = True

    def build(self, k):
        layer = k.layers.LSTM(3, stateful=True, batch_input_shape=(3, 3, 2))
        return fixed(k.models.Sequential([layer]))


@scene("optimizer-decay-ignored", saver=TF210, loader=KERAS3, format="h5", silent=True)
class DecayIgnored(Silent):
    def build(self, k):
        model = super(DecayIgnored, self).build(k)
        model.compile(optimizer=k.optimizers.SGD(0.1, decay=0.01))
        return model

    def layers(self, k, value):
        return k.layers.Dense(2)(value)


@scene("checkpoint-partly-restored", saver=TF210, loader=TF210, format="checkpoint", silent=True)
class PartOfCheckpoint(Rebuilt):
    path = "ckpt"
    more = True

    def build(self, k):
        layers = [k.layers.Dense(3, input_shape=(4,))] + [k.layers.Dense(3)] * self.more
        return fixed(k.models.Sequential(layers))

    def read(self, k):
        self.more = False
        return super(PartOfCheckpoint, self).read(k)


@scene("lambda-crash@3.11-3.12", saver=TF215, loader=KERAS3, format="h5", silent=True)
class Crash(Silent):
    def layers(self, k, value):
        function = lambda x: x if x.shape[-1] > 3 else -x  # noqa: E731
        return k.layers.Lambda(function, output_shape=(4,))(value)

    def options(self, k):
        return {"safe_mode": False}
