"""Arguments of LSTM and GRU that some Keras has by default, set in a model's configuration."""

EITHER = {"recurrent_activation": ("sigmoid", "hard_sigmoid"), "reset_after": (True, False)}


def set_arguments(node, arguments):
    """Change the recurrent layers in a configuration. Returns how many arguments changed."""
    if isinstance(node, (list, tuple)):
        return sum(set_arguments(item, arguments) for item in node)
    if not isinstance(node, dict):
        return 0
    changed = sum(set_arguments(value, arguments) for value in node.values())
    inner = node.get("config")
    if node.get("class_name") in ("LSTM", "GRU") and isinstance(inner, dict):
        for key, value in arguments.items():
            if key in inner and inner[key] != value and inner[key] in EITHER[key]:
                inner[key] = value
                changed += 1
    return changed
