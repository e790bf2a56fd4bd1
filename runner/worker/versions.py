"""What is installed here, from the names of metadata folders: no import, any Python."""

import os
import platform
import sys
from typing import Dict

NAMED = (
    "keras",
    "tensorflow",
    "tf_keras",
    "numpy",
    "h5py",
    "theano",
    "jax",
    "torch",
    "google.protobuf",
)


def packages() -> Dict[str, str]:
    """``{"tensorflow-cpu": "2.15.1", …}`` from ``*.dist-info`` and ``*.egg-info`` names."""
    found: Dict[str, str] = {}
    for folder in sys.path:
        try:
            entries = os.listdir(folder or ".")
        except OSError:
            continue
        for entry in entries:
            stem, ending = os.path.splitext(entry)
            if ending in (".dist-info", ".egg-info") and "-" in stem:
                name, version = stem.split("-")[:2]
                found.setdefault(name.replace("_", "-").lower(), version)
    return found


def imported() -> Dict[str, str]:
    """Versions of what is imported by now, as the modules themselves state them."""
    found = {"python": platform.python_version()}
    for name in NAMED:
        version = getattr(sys.modules.get(name), "__version__", None)
        if version is not None:
            found[name] = str(version)
    return found
