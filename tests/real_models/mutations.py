"""Damage, seeded: what transfers, disks, renaming and malice do to saved models."""

import shutil

HUGE = (b"99999999999999999999", b"-1", b"1e999", b"null", b'"x"', b"[" * 300, b"{" * 40)


def mutate(random, path, folder):
    """A damaged copy of a file or folder below ``folder``; the path to inspect."""
    if path.is_dir():
        return _mutate_folder(random, path, folder / "unit")
    name = (
        path.name
        if random.random() < 0.9
        else random.choice(
            [
                "model.keras",
                "model.h5",
                "m.weights.h5",
                "saved_model.pb",
                "x.index",
                "model.json",
                "m",
            ]
        )
    )
    target = folder / name
    target.write_bytes(damage(random, path.read_bytes()))
    return target


def _mutate_folder(random, path, target):
    shutil.copytree(path, target)
    files = sorted(item for item in target.rglob("*") if item.is_file())
    victim = random.choice(files)
    what = random.random()
    if what < 0.15:
        victim.unlink()
    elif what < 0.3:
        victim.rename(victim.with_name(random.choice(["x", "variables.index", "saved_model.pb"])))
    else:
        victim.write_bytes(damage(random, victim.read_bytes()))
    return target


def damage(random, data):
    """Between one and three kinds of damage."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        data = random.choice(KINDS)(random, data)
    return data


def _place(random, data):
    """Anywhere, and half of the time near the begin or the end, where the structure is."""
    if not data:
        return 0
    edge = min(len(data), 2048)
    where = random.random()
    if where < 0.35:
        return random.randrange(edge)
    if where < 0.5:
        return len(data) - 1 - random.randrange(edge)
    return random.randrange(len(data))


def flip(random, data):
    found = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8, 64)) if data else 0):
        found[_place(random, data)] ^= 1 << random.randrange(8)
    return bytes(found)


def overwrite(random, data):
    at, size = _place(random, data), random.choice((1, 2, 4, 8, 64, 512))
    fill = random.choice((b"\0", b"\xff", b"\x7f", b"A"))
    fresh = fill * size if random.random() < 0.6 else random.randbytes(size)
    return data[:at] + fresh + data[at + size :]


def cut(random, data):
    return data[: random.randrange(len(data) + 1)]


def behead(random, data):
    return data[_place(random, data) :]


def remove(random, data):
    at = _place(random, data)
    return data[:at] + data[at + random.choice((1, 4, 100, 4096)) :]


def insert(random, data):
    at = _place(random, data)
    return data[:at] + random.choice(HUGE) + data[at:]


def repeat(random, data):
    at, size = _place(random, data), random.choice((8, 100, 3000))
    return data[:at] + data[at : at + size] * random.choice((2, 3, 20)) + data[at + size :]


def rename(random, data):
    """Names of members, groups, attributes and keys, to one of the same length."""
    names = [name for name in NAMES if name in data]
    if not names:
        return flip(random, data)
    name = random.choice(names)
    other = random.choice(NAMES)[: len(name)].ljust(len(name), b"_")
    return data.replace(name, other, random.choice((1, -1)))


NAMES = (
    b"metadata.json", b"config.json", b"model.weights.h5", b"model_weights", b"model_config",
    b"layer_names", b"weight_names", b"keras_version", b"class_name", b"layers", b"config",
    b"inbound_nodes", b"Dense", b"Functional", b"Sequential", b"batch_input_shape", b"units",
    b"optimizer", b"vars", b"../../../etc/x", b"lstm", b"input_layers", b"name", b"\0\0\0\0",
)  # fmt: skip
KINDS = (flip, flip, overwrite, cut, behead, remove, insert, repeat, rename)
