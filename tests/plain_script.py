"""Scripts that load as is, with what the author of a model supplies."""

from runner.model.matrix import Format
from runner.model.scripts import Script

HEAD = "import keras\nfrom my_model import OBJECTS\n\n"


def plain_script(format_=Format.H5):
    """For a file of one of the formats that are one file."""
    call = f'keras.models.load_model("model.{format_}", custom_objects=OBJECTS)'
    return Script(text=f"{HEAD}model = {call}\n")
