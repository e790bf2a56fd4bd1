"""Small configurations, as Keras 2 writes them."""

KERAS3 = (3, 15, 1)


def layer(name, /, **config):
    return {"class_name": name, "config": dict({"name": name.lower()}, **config)}


def sequential(*layers):
    return {"class_name": "Sequential", "config": {"name": "model", "layers": list(layers)}}


def first(config, place=0):
    return config["config"]["layers"][place]
