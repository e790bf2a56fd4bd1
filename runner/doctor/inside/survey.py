"""Survey a Python: its Keras and what Keras uses. Runs inside it: Python 3.6, no packages."""

import importlib.util
import json
import os
import sys

PREFIXES = ("tensorflow", "keras", "tf-", "tf_", "jax", "torch", "openvino")
MODULES = ("tensorflow", "keras", "tf_keras", "jax", "torch", "theano", "openvino")
NAMES = ("numpy", "h5py", "protobuf", "theano", "ml-dtypes", "ml_dtypes", "scipy")


def packages():
    """Installed distributions that matter here: ``[[name, version, folder], …]``."""
    found = []
    try:
        from importlib import metadata

        for one in metadata.distributions():
            name = one.metadata["Name"]
            if name:
                found.append([str(name), str(one.version), str(one.locate_file(""))])
    except ImportError:  # Python 3.7 and older
        import pkg_resources

        for one in pkg_resources.working_set:
            found.append([str(one.project_name), str(one.version), str(one.location)])
    return sorted(one for one in found if wanted(one[0].lower()))


def wanted(name):
    return name in NAMES or name.startswith(PREFIXES)


def configured_backend():
    """Return the backend that ``~/.keras/keras.json`` names, or None."""
    home = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    try:
        with open(os.path.join(home, "keras.json")) as stream:
            return json.load(stream).get("backend")
    except (OSError, ValueError, AttributeError):
        return None


def has(name):
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


print(
    "\n"
    + json.dumps(
        {
            "python": "%d.%d.%d" % sys.version_info[:3],
            "executable": sys.executable,
            "packages": packages(),
            "modules": [
                name
                for name in (
                    "tensorflow",
                    "keras",
                    "tf_keras",
                    "jax",
                    "torch",
                    "theano",
                    "openvino",
                )
                if has(name)
            ],
            "keras_json": configured_backend(),
            "variables": {
                name: os.environ[name]
                for name in ("KERAS_BACKEND", "TF_USE_LEGACY_KERAS", "KERAS_HOME")
                if name in os.environ
            },
        }
    )
)
