"""Runs a script in an interpreter, many files in a process; again for what a crash left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner import child_processes
from runner.convert.script_text import ScriptOptions, check_script, conversion_script

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.convert.conversion import Source
    from runner.convert.places import Place

Answer = dict[str, Any]
START_SECONDS = 240.0


def run_conversions(
    place: Place,
    options: ScriptOptions,
    pairs: Sequence[tuple[Source, Path]],
    *,
    folder: Path,
    seconds: float,
) -> list[Answer]:
    """What the conversion script answers for each pair. ``seconds``: for each file."""
    script = _written(folder, "mend.py", conversion_script(options))

    def argv(part: Sequence[tuple[Source, Path]]) -> list[str | Path]:
        words: list[str | Path] = [place.python, "-B", script]
        for source, new in part:
            old = str(source.path.absolute())
            if source.weights is not None:
                old += f"::{source.weights.absolute()}"
            words += [old, new]
        return words

    answers: list[Answer] = []
    while len(answers) < len(pairs):
        part = pairs[len(answers) :]
        answers += _run(place, argv(part), len(part), folder=folder, seconds=seconds)
    return answers


def run_checks(
    place: Place,
    jobs: Sequence[Answer],
    *,
    folder: Path,
    seconds: float,
    custom: str | None = None,
) -> list[Answer]:
    """What loading each file by plain ``load_model`` gives, in a new process."""
    script = _written(folder, "check.py", check_script(place.keras, custom))
    answers: list[Answer] = []
    while len(answers) < len(jobs):
        part = jobs[len(answers) :]
        listed = _written(folder, "jobs.json", json.dumps(list(part)))
        argv = (place.python, "-B", script, listed)
        answers += _run(place, argv, len(part), folder=folder, seconds=seconds)
    return answers


def _run(
    place: Place, argv: Sequence[str | Path], count: int, *, folder: Path, seconds: float
) -> list[Answer]:
    """The answers up to the end, or to the file that killed the process, which gets an error."""
    work = folder / "work"
    work.mkdir(exist_ok=True)
    limit = START_SECONDS + seconds * count
    try:
        done = child_processes.run(argv, seconds=limit, env=place.variables, cwd=work)
    except OSError as error:
        return [{"error": f"{place.python} does not start: {error}"}] * count
    answers: list[Answer] = []
    for line in done.output.splitlines():
        if line.startswith("{"):
            try:
                answers.append(json.loads(line))
            except ValueError:
                continue
    answers = answers[:count]
    if len(answers) < count:
        answers.append({"error": _death(done), "died": True})
    return answers


def _death(done: child_processes.Completed) -> str:
    if done.code is None:
        return "the process did not end in time"
    if done.code < 0:
        return f"the process died of signal {-done.code}"
    lines = [line for line in done.output.splitlines() if line.strip()]
    return f"the process ended with code {done.code}: {lines[-1][:300] if lines else 'no output'}"


def _written(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, "utf-8")
    return path
