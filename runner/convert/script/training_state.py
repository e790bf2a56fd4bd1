"""Compile settings and the optimizer's slots, each found by the variable that it belongs to."""

import numpy as np

from .target_keras import TargetKeras  # noqa: F401 - one text with it
from .translation_rules import CannotTranslateError

# An optimizer: its slots as Keras 2 called them, with the names of Keras 3.
SLOTS = {
    "Adam": (("m", "momentum"), ("v", "velocity")),
    "SGD": (("momentum", "momentum"),),
    "RMSprop": (("rms", "velocity"),),
}
LATER_NAMES = {"momentum": "m", "rms": "velocity"}  # TensorFlow 2.11 to 2.15, by the older name
# Rules after which a weight is another number, so that the state of training does not fit it.
OTHER_NUMBERS = (
    *("hard-sigmoid", "theano-kernels", "cudnn-layers", "locally-connected"),
    *("keras1-recurrent-weights", "keras1-convolution-weights"),
)


def carry_training(saved, placed, model, target, notes):
    """Compile the model as the file says, and set the optimizer's state; or say what is lost."""
    try:
        names = _compile(saved.training, model, target)
    except Exception as error:
        notes.loss("compile settings (%s): compile the new model" % str(error)[:80])
        if saved.optimizer:
            notes.loss("the optimizer's state")
        return
    notes.rule("compile-settings", "file", names)
    if names == "RMSprop" and target.is3:
        notes.loss("the next steps of RMSprop: Keras 3 adds epsilon inside the square root")
    notes.loss("metrics, and weights of losses: compile the new model where you need them")
    if not saved.optimizer:
        return
    try:
        _set_slots(saved, placed, model, target, notes, names)
        notes.rule("optimizer-state", "file", names)
    except Exception as error:
        notes.loss("the optimizer's state (%s)" % str(error)[:80])


def _compile(training, model, target):
    node = training.get("optimizer_config") or training.get("optimizer")
    if not isinstance(node, dict) or node.get("class_name") not in SLOTS:
        raise CannotTranslateError("another optimizer")
    kind = getattr(target.keras.optimizers, node["class_name"])
    config = dict(node["config"])
    config.setdefault("learning_rate", config.pop("lr", None))
    if not isinstance(config["learning_rate"], float):
        raise CannotTranslateError("a schedule of learning rates")
    if config.get("decay") or config.get("is_legacy_optimizer"):
        raise CannotTranslateError("the decay of the learning rate")
    known = (*("learning_rate", "beta_1", "beta_2", "epsilon", "amsgrad", "rho", "momentum"),)
    kept = {key: one for key, one in config.items() if key in (*known, "nesterov", "centered")}
    loss = training.get("loss")
    loss = loss.get("config", {}).get("name") if isinstance(loss, dict) else loss
    if not isinstance(loss, str):
        raise CannotTranslateError("a loss for each output, or one of the author")
    model.compile(optimizer=kind(**kept), loss=target.keras.losses.get(loss))
    return node["class_name"]


def _set_slots(saved, placed, model, target, notes, name):
    changed = {one["rule"] for one in notes.applied}.intersection(OTHER_NUMBERS)
    if changed:
        raise CannotTranslateError("the weights are other numbers: %s" % ", ".join(sorted(changed)))
    trained = list(model.trainable_variables)
    if hasattr(model.optimizer, "build"):
        model.optimizer.build(trained)
    else:
        model.optimizer._create_all_weights(trained)
    origin = {}
    for item in placed:
        for number, variable in enumerate(item.variables()):
            origin[id(variable)] = (item.parts, number)
    found = []
    for place, variable in enumerate(trained):
        for order, (old, new) in enumerate(SLOTS[name]):
            slot = _slot_of(target, model.optimizer, variable, old, new)
            if slot is None:
                continue
            array = _array_of(saved, origin, variable, place, (order, len(SLOTS[name])), old)
            if tuple(slot.shape) != array.shape:
                raise CannotTranslateError("a slot of another shape")
            found.append((slot, array))
    for slot, array in found:
        slot.assign(array)
    if saved.slots and saved.slots[0][1].size == 1:
        model.optimizer.iterations.assign(int(saved.slots[0][1]))


def _slot_of(target, optimizer, variable, old, new):
    """The variable of the optimizer that belongs to one of the model; None where it has none."""
    if hasattr(optimizer, "get_slot"):
        return optimizer.get_slot(variable, old) if old in optimizer.get_slot_names() else None
    if target.is3:
        wanted = "%s_%s" % (variable.path.replace("/", "_"), new)
        return _only([one for one in optimizer.variables if one.path.endswith("/" + wanted)])
    name = LATER_NAMES.get(old, old)
    wanted = "/%s/%s" % (name, variable.name)
    listed = optimizer.variables() if callable(optimizer.variables) else optimizer.variables
    return _only([one for one in listed if one.name.endswith(wanted)])


def _only(found):
    if len(found) > 1:
        raise CannotTranslateError("two slots of one name")
    return found[0] if found else None


def _array_of(saved, origin, variable, place, step, old):
    """The file's slot: by the name of its variable; in the V3 layout, which has none, in order."""
    parts, number = origin[id(variable)]
    if saved.tree is not None:
        return saved.slots[2 + place * step[1] + step[0]][1]
    name = saved.variable_names[parts][number].split(":")[0]
    later = LATER_NAMES.get(old, old)
    ends = ("/%s/%s" % (name, old), "/%s/%s" % (later, name))
    found = _only([one for one in saved.slots if one[0].split(":")[0].endswith(ends)])
    if found is None:
        raise CannotTranslateError("no slot for %s" % name)
    return found[1]


def slot_digests(model, digest):
    """What the optimizer keeps for each weight; an empty list where it keeps nothing."""
    optimizer = getattr(model, "optimizer", None)
    listed = getattr(optimizer, "variables", None) if optimizer is not None else None
    listed = listed() if callable(listed) else listed
    arrays = [np.asarray(one) for one in listed or []]
    return sorted(digest(one) for one in arrays if one.ndim > 0 and np.any(one))
