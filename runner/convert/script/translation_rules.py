"""What is translated, one entry for each rule, and the record of what was applied."""

from collections import namedtuple

Rule = namedtuple("Rule", ["name", "direction", "source", "sample"])

RULES = (
    Rule("keras1-arguments", "1 -> 2, 3", "keras 2.0.0, keras/legacy/interfaces.py", "m002"),
    Rule("keras1-merge", "1 -> 2, 3", "keras 2.0.0, keras/legacy/layers.py", "m168"),
    Rule("keras1-recurrent-weights", "1 -> 2, 3", "keras 2.0.0, engine/topology.py", "m006"),
    Rule("keras1-convolution-weights", "1 -> 2, 3", "keras 2.0.0, engine/topology.py", "m003"),
    Rule("keras0-sequential", "0 -> 2, 3", "keras 0.3.3, keras/models.py", "m196"),
    Rule("sequential-list", "1, 2.0-2.2.2 -> 2, 3", "keras 2.2.3, engine/sequential.py", "m019"),
    Rule("input-shape", "2 -> 3", "keras 3.0, src/legacy/saving/saving_utils.py", "m203"),
    Rule("input-shape-inferred", "2 -> 2, 3", "keras-team/keras#10417", "m077"),
    Rule("dropped-default", "any", "keras-team/keras#19151, #20750, #21928", "n088"),
    Rule("dropped-training-only", "1 -> 2, 3", "keras 2.0.0 release notes", "m001"),
    Rule("renamed-argument", "2 <-> 3", "keras 3.0, src/layers/activations", "m031"),
    Rule("initializer", "any", "keras 3.15, src/initializers; tf 1.15 wrote dtype", "m041"),
    Rule("policy-name", "2 -> 3, 3 -> 2", "keras-team/keras#19752", "pboutinaud/SHiVAi#6"),
    Rule("axis-list", "2 -> 3", "keras-team/keras#19577", "m214"),
    Rule("hard-sigmoid", "2 <-> 3", "keras 3.0, src/activations: relu6(x + 3) / 6", "m019"),
    Rule("theano-kernels", "Theano -> others", "keras 2.0.0, utils/conv_utils.py", "m035"),
    Rule("cudnn-layers", "CuDNN -> plain", "keras 2.2.0, engine/saving.py", "cudnn_lstm"),
    Rule("gru-reset-after", "1, 2.0-2.1 -> 2, 3", "keras 2.2.0, layers/recurrent.py", "m032"),
    Rule("thresholded-relu", "2 -> 3", "keras-team/keras#18467", "m142"),
    Rule("locally-connected", "2 -> 3", "keras-team/keras#18467", "locally_connected"),
    Rule("normalization-count", "2 <-> 3", "keras 3.0, layers/preprocessing", "n042"),
    Rule("tensorflow-operations", "2 -> 3", "keras-team/keras#18467", "tf_ops"),
    Rule("nested-weights", "any", "tf 2.x, saving/hdf5_format.py: trainable first", "n088"),
    Rule("renamed-layer", "2 -> 3", "keras-team/keras#18467: no slash in a name", "names"),
    Rule("node-index", "2 <-> 3", "keras-team/keras#20084", "n088"),
    Rule(
        "windows-paths", "2.13-2.15 -> any", "keras 2.13, saving_lib.py used os.path.join", "m200"
    ),
    Rule("hdf5-in-keras", "2 -> 3", "tf <= 2.12 wrote HDF5 to .keras", "m041"),
    Rule("cell-defaults", "2 -> 3", "keras 3.0, layers/rnn", "m079"),
    Rule("channels-first", "any -> TensorFlow on a CPU", "tensorflow conv_ops: only NHWC", "m024"),
    Rule("weights-alone", "any", "keras 3.15, saving_lib.py; tf 2.15, hdf5_format.py", "m151"),
    Rule("graph-only", "SavedModel -> SavedModel", "keras 3.15, src/export/tfsm_layer.py", "m272"),
    Rule("tensorflow-js", "TensorFlow.js -> any", "tfjs-converter, write_weights.py", "tfjs"),
    Rule("compile-settings", "2 <-> 3", "keras 3.0, src/trainers/compile_utils.py", "seqlstm"),
    Rule(
        "optimizer-state", "2 <-> 3", "keras 3.0, optimizers; tf 2.10, optimizer_v2.py", "seqlstm"
    ),
    Rule("initial-state", "2 -> 3", "keras 3.0, src/layers/rnn/rnn.py", "m079"),
)
NAMES = frozenset(rule.name for rule in RULES)


class CannotTranslateError(Exception):
    """No rule keeps the meaning of what the file says."""


class Notes:
    """Which rules were applied, where, and what was lost."""

    def __init__(self):
        self.applied = []
        self.lost = []

    def rule(self, name, where, what):
        """Record that a declared rule was applied."""
        if name not in NAMES:
            raise AssertionError("rule %s is not declared" % name)
        entry = {"rule": name, "layer": where, "what": what}
        if entry not in self.applied:
            self.applied.append(entry)

    def loss(self, what):
        """Record something that the new file does not have."""
        if what not in self.lost:
            self.lost.append(what)
