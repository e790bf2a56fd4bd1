"""A digest for each weight of a model, in its order."""

import hashlib

import numpy as np


def digests(model):
    """The weights of a model, one digest for each, in its order."""
    return [digest(one) for one in model.get_weights()]


def digest(array):
    """Shape, type and bytes of an array."""
    plain = np.ascontiguousarray(array)
    text = "%s %s " % (plain.dtype.str, plain.shape)
    return hashlib.sha256(text.encode("ascii") + plain.tobytes()).hexdigest()
