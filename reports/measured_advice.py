"""The common advice about models that do not load, each claim beside what the matrix measured.

Pure: from results to Markdown. ``docs/advice.md`` is this page for the profile ``advice``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING

from runner.model.finding import ArtifactStatus, EnvironmentStatus, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from runner.model.results import AttemptResult, CellResult, Results

HEAD = """\
# The common advice, measured

Articles about "my Keras model does not load" repeat the same advice. This page compares each
claim with the cells of the matrix; it is written from them:

```
kmatrix run --profile advice
kmatrix advice
```

Run {run}: {environments}.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """``measure``: one line for each thing that was found out."""

    says: str
    measure: Callable[[Results], Iterator[str]]
    do: str


def advice(results: Results) -> str:
    """Return the page. A claim about which the run has no cells says so."""
    names = ", ".join(
        item.id for item in results.environments if item.status is EnvironmentStatus.READY
    )
    parts = [HEAD.format(run=f"of {results.run.started[:10]}", environments=names)]
    for claim in CLAIMS:
        lines = list(claim.measure(results)) or ["this run has no cell that could tell"]
        found = "\n".join(f"- {line}" for line in lines)
        parts.append(f"## “{claim.says}”\n\nMeasured:\n\n{found}\n\nSo: {claim.do}\n")
    return "\n".join(parts)


def _scenario(results: Results, name: str, recipe: str) -> list[tuple[CellResult, AttemptResult]]:
    return [
        (cell, attempt)
        for cell in results.cells
        if cell.name.recipe == recipe
        for attempt in cell.scenarios
        if attempt.route == name
    ]


def _types(errors: Iterable[str | None]) -> str:
    """``18 ValueError, 6 TypeError``."""
    counts = Counter(error.split(":", 1)[0] for error in errors if error)
    return ", ".join(f"{count} {name}" for name, count in counts.most_common()) or "no exception"


def _verdicts(verdicts: Iterable[Verdict]) -> str:
    counts = Counter(str(verdict) for verdict in verdicts)
    return ", ".join(f"{count} {name}" for name, count in counts.most_common()) or "none"


def _short(text: str) -> str:
    return shorten(text, 130, placeholder=" …")


def _missing_layer(results: Results) -> Iterator[str]:
    nothing = _scenario(results, "nothing-supplied", "custom_layer")
    if nothing:
        yield (
            f"nothing supplied, {len(nothing)} loads of the custom layer: "
            + _types(attempt.error for _, attempt in nothing)
        )
    missing = _scenario(results, "definition-missing", "custom_layer")
    if missing:
        yield (
            "an ImportError comes from the user's own `from my_layers import ...`, where the "
            f"definition is gone: {_types(attempt.error for _, attempt in missing)}"
        )


def _wrong_shape(results: Results) -> Iterator[str]:
    found = _scenario(results, "changed-weight-shape", "custom_layer")
    if found:
        yield f"{len(found)} loads with another weight shape: " + _types(
            attempt.error for _, attempt in found
        )


def _architecture(results: Results) -> Iterator[str]:
    renamed = _scenario(results, "renamed-argument", "custom_layer")
    if renamed:
        yield "an argument renamed since: " + _types(attempt.error for _, attempt in renamed)
    failed = [cell for cell in results.cells if cell.failure is not None]
    attribute = [cell for cell in failed if cell.failure and "AttributeError" in cell.failure.type]
    yield f"AttributeErrors among all {len(failed)} cells with an exception: {len(attribute)}"
    yield from sorted({f"`{_short(cell.reason)}`" for cell in attribute})[:5]


def _other_backend(results: Results) -> Iterator[str]:
    backend = {item.id: item.backend for item in results.environments}
    found: dict[tuple[str, str], list[CellResult]] = {}
    for cell in results.cells:
        name = cell.name
        one, other = backend.get(name.saver, ""), backend.get(name.loader, "")
        if one != other and cell.as_is is not None and name.format in {"h5", "keras"}:
            found.setdefault((one, other), []).append(cell)
    for (one, other), cells in sorted(found.items()):
        verdicts = _verdicts(cell.as_is for cell in cells if cell.as_is is not None)
        yield f"{one} to {other}, H5 and .keras as is: {verdicts}"


def _identical_definition(results: Results) -> Iterator[str]:
    for name, words in (
        ("changed-default", "another default, the file states the value"),
        ("renamed-argument", "another argument name"),
        ("changed-weight-shape", "another weight shape"),
        ("changed-maths", "other maths"),
    ):
        found = _scenario(results, name, "custom_layer")
        if found:
            yield f"{words}: {_verdicts(attempt.verdict for _, attempt in found)}"


def _no_get_config(results: Results) -> Iterator[str]:
    by_name = {cell.name: cell for cell in results.cells}
    for artifact in results.artifacts:
        if artifact.recipe != "custom_no_get_config" or artifact.format != "h5":
            continue
        if artifact.status is not ArtifactStatus.SAVED:
            yield f"{artifact.saver}: {_short(artifact.reason)}"
            continue
        own = by_name.get(artifact.name.read_by(artifact.saver))
        words = _short(own.reason) if own is not None else "its own file was not loaded"
        yield f"{artifact.saver}: saves; {words}"


def _pins(results: Results) -> Iterator[str]:
    for environment in results.environments:
        packages = dict(environment.packages)
        if packages.get("tensorflow") != "2.10.0" or packages.get("numpy") != "1.23.5":
            continue
        own = environment.id
        for words, chosen in (
            ("reads its own files", [c for c in results.cells if _is_own(c, own)]),
            ("reads the others' files", [c for c in results.cells if _reads(c, own)]),
            ("is read by the others", [c for c in results.cells if _is_read(c, own)]),
        ):
            verdicts = _verdicts(cell.as_is for cell in chosen if cell.as_is is not None)
            yield f"{environment.id} {words}: {verdicts}"
        yield f"what the three pins leave open is in the lock: {len(packages)} packages"


def _is_own(cell: CellResult, own: str) -> bool:
    return cell.name.saver == own == cell.loader


def _reads(cell: CellResult, own: str) -> bool:
    return cell.name.saver != own == cell.loader


def _is_read(cell: CellResult, own: str) -> bool:
    return cell.name.saver == own != cell.loader


def _eager_off(results: Results) -> Iterator[str]:
    by_name = {cell.name: cell for cell in results.cells}
    for environment in results.environments:
        graph = f"{environment.id}-graph"
        pairs = [
            (cell, other)
            for name, cell in by_name.items()
            if cell.loader == environment.id
            and (other := by_name.get(name.artifact.read_by(graph))) is not None
        ]
        both = [(one, two) for one, two in pairs if one.as_is and two.as_is]
        if not both:
            continue
        helped = sum(not _safe(one) and _safe(two) for one, two in both)
        harmed = sum(_safe(one) and not _safe(two) for one, two in both)
        yield (
            f"{environment.id}, the same {len(both)} files with eager execution off: "
            f"{helped} load that did not, {harmed} do not that did"
        )


def _safe(cell: CellResult) -> bool:
    return cell.as_is is not None and cell.as_is.safe


CLAIMS = (
    Claim(
        says="A missing custom layer gives an ImportError",
        measure=_missing_layer,
        do="look for `Unknown layer` or `Could not locate class`, and pass the class in "
        "`custom_objects`, or register it in a module that is imported first.",
    ),
    Claim(
        says="A wrong shape gives a ValueError",
        measure=_wrong_shape,
        do="compare the shapes in the file (`kmatrix inspect FILE`) with those of your code.",
    ),
    Claim(
        says="A changed architecture gives an AttributeError",
        measure=_architecture,
        do="an AttributeError points at versions (h5py, dtype policies) before it points at your "
        "architecture; `kmatrix diagnose` tells which.",
    ),
    Claim(
        says="A model saved with another backend will not load",
        measure=_other_backend,
        do="expect it to load, and compare predictions: convolutions from Theano are wrong "
        "without a word until their kernels are flipped.",
    ),
    Claim(
        says="The custom layer must be defined identically",
        measure=_identical_definition,
        do="names of arguments and shapes of weights must stay; defaults may change where "
        "`get_config` states the value; other maths loads, and is wrong without a word.",
    ),
    Claim(
        says="This custom layer (without get_config) can be saved and loaded",
        measure=_no_get_config,
        do="write `get_config`; only Keras from TensorFlow 2.11 on makes one up, and only with "
        "eager execution. An older one saves a file that lacks the arguments, or refuses.",
    ),
    Claim(
        says="Pin tensorflow==2.10.0, keras==2.10.0, numpy==1.23.5",
        measure=_pins,
        do="pin everything (`kmatrix lock`), and pin what the file was saved with "
        "(`kmatrix inspect FILE`), not what an article had.",
    ),
    Claim(
        says="tf.compat.v1.disable_eager_execution() may help",
        measure=_eager_off,
        do="leave it alone unless the numbers above say otherwise for your pair.",
    ),
)
