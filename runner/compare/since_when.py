"""Cells that flip between two releases, and the command that finds the release. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.finding import Verdict
from runner.model.keras_identity import KerasKind, keras_packages, kind_of, parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.cell_id import CellId
    from runner.model.results import CellResult, EnvironmentResult, Results


def flips(results: Results) -> dict[str, str]:
    """Each failing cell that another loader with the same kind of Keras reads, and the command."""
    environments = {one.id: one for one in results.environments}
    readers: dict[str, list[EnvironmentResult]] = {}
    for cell in results.cells:
        if cell.verdict.safe and cell.loader in environments:
            readers.setdefault(cell.artifact, []).append(environments[cell.loader])
    found = {}
    for cell in results.cells:
        if not _fails(cell) or cell.loader not in environments:
            continue
        commands = (
            bisect_command(cell.name, good, environments[cell.loader])
            for good in readers.get(cell.artifact, ())
        )
        command = next((one for one in commands if one is not None), None)
        if command is not None:
            found[cell.id] = command
    return found


def bisect_command(cell: CellId, good: EnvironmentResult, bad: EnvironmentResult) -> str | None:
    """The search for the release between two loaders; None where no one package tells them apart.

    Between Keras 2 and Keras 3 more than a release of one package changes.
    """
    found = _releases(dict(good.packages), dict(bad.packages))
    if found is None or good.backend != bad.backend:
        return None
    package, works, fails = found
    fixed = " --fixed" if works > fails else ""
    return f"kmatrix bisect --cell {cell} --package {package}{fixed}"


def _fails(cell: CellResult) -> bool:
    return cell.verdict.failing or cell.verdict is Verdict.REMEDIED


def _releases(
    good: Mapping[str, str], bad: Mapping[str, str]
) -> tuple[str, tuple[int, ...], tuple[int, ...]] | None:
    """The package whose releases differ, and both releases."""
    one, other = keras_packages(good), keras_packages(bad)
    if one.legacy is not None or other.legacy is not None:
        return None
    if one.inside_tensorflow and other.inside_tensorflow:
        package, texts = "tensorflow", (one.tensorflow, other.tensorflow)
    elif _keras3(one.keras) and _keras3(other.keras):
        package, texts = "keras", (one.keras, other.keras)
    else:
        return None
    versions = [parse_version(text) for text in texts]
    if versions[0] is None or versions[1] is None or versions[0] == versions[1]:
        return None
    return package, versions[0].release, versions[1].release


def _keras3(version: str | None) -> bool:
    return version is not None and kind_of(version) is KerasKind.KERAS3
