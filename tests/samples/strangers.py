"""Errors of other people, wrapped into tracebacks of three styles."""

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "strangers"


def read_errors(name):
    """The errors of one JSON file."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def cpython(error):
    """As Python prints it on Linux."""
    warnings, last = _parts(error)
    frames = [
        '  File "/home/me/app/serve.py", line 41, in <module>',
        f"    {_call(error)}",
        *[
            f'  File "/usr/lib/python3/site-packages/{path}", line 212, in {function}\n    {source}'
            for path, function, source in _frames(error)
        ],
    ]
    return "\n".join([*warnings, "Traceback (most recent call last):", *frames, *last, ""])


def windows(error):
    """As Python prints it on Windows, with its line ends."""
    text = cpython(error)
    return "\r\n".join(map(_windows_line, text.split("\n")))


def _windows_line(line):
    if not line.startswith('  File "'):
        return line
    moved = line.replace("/usr/lib/python3/", "C:\\Users\\Me\\anaconda3\\envs\\tf\\lib\\")
    path, quote, rest = moved[8:].partition('"')
    return (
        '  File "' + path.replace("/", "\\").replace("\\home\\me", "C:\\Users\\Me") + quote + rest
    )


def ipython(error):
    """As a notebook shows it: lines of source around the one that raised."""
    warnings, last = _parts(error)
    kind = last[0].partition(":")[0]
    blocks = [
        "<ipython-input-7-1f2e3d4c5b6a> in <module>()",
        "      1 from app import settings",
        f"----> 2 {_call(error)}",
        "      3 print('No model found in config file.')",
        "",
    ]
    for path, function, source in _frames(error):
        blocks += [
            f"/usr/local/lib/python3/site-packages/{path} in {function}(*args, **kwargs)",
            "    210     if config is None:",
            "    211         raise ValueError('No model found in config file.')",
            f"--> 212     {source}",
            "    213     raise ValueError('Unknown layer: Functional')",
            "    214 ",
            "",
        ]
    head = f"{kind}{' ' * 30}Traceback (most recent call last)"
    return "\n".join([*warnings, "-" * 75, head, *blocks, *last, ""])


STYLES = {"cpython": cpython, "ipython": ipython, "windows": windows}


def _parts(error):
    """The lines before the exception, and those of the exception."""
    lines = error["error"].split("\n")
    return lines[:-1] if len(lines) > 1 and error.get("warned") else [], (
        lines[-1:] if error.get("warned") else lines
    )


def _call(error):
    return error.get("call", "main()")


def _frames(error):
    """Path, function and source of the frames inside libraries."""
    return [tuple(frame) for frame in error.get("frames", ())]
