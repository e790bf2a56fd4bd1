"""Renew or show the atlas: what pinned releases do with each other's files."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from runner.atlas.atlas_files import DATA, read_atlas, write_atlas
from runner.cli.options import JobsOptions, ProjectOptions, option
from runner.cli.registry import Command, Group
from runner.errors import ExitCode, ToolError
from runner.json_values import to_plain
from runner.model.atlas_data import SCHEMA
from runner.model.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from runner.atlas.staleness import Present, Stale
    from runner.cli.project import Project
    from runner.model.atlas_data import Atlas
    from runner.model.matrix import Spec
    from runner.model.results import Results

PROFILE = "atlas"
EXAMPLES = """\
examples:
  kmatrix atlas update                                 measure what is new or stale, and only that
  kmatrix atlas update --environments 'tf2.1*' --plan  how much that is
  kmatrix atlas update --shard 2/7                     a part of it
  kmatrix atlas show                                   what it holds, and what is missing
  kmatrix atlas report                                 its page: build/atlas/index.html
  kmatrix atlas ranges --models lstm --format json     its failures by ranges of releases
"""


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """Options of the actions that read the atlas."""

    data: Path = option(
        "--data",
        type=Path,
        default=DATA,
        metavar="DIR",
        help="the folder of the atlas (default: the one that comes with kmatrix)",
    )


@dataclass(frozen=True, kw_only=True)
class UpdateOptions(DataOptions, ProjectOptions, JobsOptions):
    """Options of ``kmatrix atlas update``."""

    profile: str = option(
        "--profile",
        default=PROFILE,
        metavar="NAME",
        help="the profile of the matrix file (default: %(default)s)",
    )
    environments: tuple[str, ...] = option(
        "--environments",
        nargs="+",
        metavar="GLOB",
        help="only pairs with one of these environments as saver or loader",
    )
    among: bool = option(
        "--among",
        action="store_true",
        help="with --environments: only pairs of two of these environments",
    )
    models: tuple[str, ...] = option(
        "--models", nargs="+", metavar="GLOB", help="only these reference models"
    )
    shard: str | None = option("--shard", metavar="I/N", help="only part I of N")
    plan: bool = option(
        "--plan", action="store_true", help="show what would be measured, and why; measure nothing"
    )


@dataclass(frozen=True, kw_only=True)
class ReportOptions(DataOptions):
    """Options of ``kmatrix atlas report``."""

    report_dir: Path = option(
        "--report-dir",
        type=Path,
        default=Path("build/atlas"),
        metavar="DIR",
        help="default: %(default)s",
    )


@dataclass(frozen=True, kw_only=True)
class RangesOptions(DataOptions):
    """Options of ``kmatrix atlas ranges``."""

    models: tuple[str, ...] = option(
        "--models", nargs="+", metavar="NAME", help="only these reference models"
    )
    format: str = option(
        "--format",
        choices=("text", "json"),
        default="text",
        help="json: see docs/atlas.schema.json (default: %(default)s)",
    )


def _update(options: UpdateOptions) -> ExitCode:
    """``kmatrix atlas update``. What was measured before an interruption is not measured again."""
    from runner.atlas.renewal import renewed, settled  # noqa: PLC0415 - the engine is not for `show`
    from runner.cli.project import open_project  # noqa: PLC0415
    from runner.config.matrix_file import select  # noqa: PLC0415

    project = open_project(options)
    whole = select(project.matrix, profile=options.profile)
    chosen = select(
        project.matrix,
        profile=options.profile,
        environments=options.environments,
        recipes=options.models,
    )
    atlas = read_atlas(options.data)
    present = _present(whole)
    stale = _stale(atlas, whole, chosen, present, options)
    _say(stale)
    if options.plan:
        return ExitCode.AS_EXPECTED
    if not stale:
        write_atlas(settled(atlas, whole), options.data)
        return ExitCode.AS_EXPECTED
    results = _measure(project, whole, stale, options)
    after = renewed(atlas, results, stale, whole, present)
    changed = write_atlas(after, options.data)
    for item in results.environments:
        if item.reason is not None:
            print(f"{item.id}: {item.status}: {item.reason}")
    print(f"{options.data}: {len(changed)} files changed")
    left = len(_stale(after, whole, chosen, present, options))
    if left:
        raise ToolError(
            f"{left} of {len(stale)} could not be measured and stay unknown; run the same command "
            "again to go on"
        )
    return ExitCode.AS_EXPECTED


def _present(spec: Spec) -> Present:
    from runner.atlas.staleness import Present  # noqa: PLC0415
    from runner.run.installations import environment_digests, read_locks  # noqa: PLC0415
    from runner.worker_client.bundle import worker_digest  # noqa: PLC0415

    return Present(digests=environment_digests(spec, read_locks(spec)), worker=worker_digest())


def _stale(
    atlas: Atlas, whole: Spec, chosen: Spec, present: Present, options: UpdateOptions
) -> tuple[Stale, ...]:
    """Return what the command line selects of what is stale, with the profile's neighbours."""
    from runner.atlas.staleness import find_stale  # noqa: PLC0415

    names = {item.id for item in chosen.environments} if options.environments else set()
    found = find_stale(atlas, replace(whole, recipes=chosen.recipes), present, touching=names)
    if options.among:
        found = tuple(one for one in found if {one.saver, one.loader} <= names)
    if options.shard is None:
        return found
    from runner.cli.shard_jobs import shards_of  # noqa: PLC0415
    from runner.model.shards import Place  # noqa: PLC0415

    place = Place.parse(options.shard)
    pairs = set(shards_of(whole, place.total)[place.number - 1].pairs)
    return tuple(one for one in found if (one.saver, one.loader) in pairs)


def _say(stale: Sequence[Stale]) -> None:
    if not stale:
        print("nothing to measure: the atlas is up to date")
        return
    pairs = {(one.saver, one.loader) for one in stale}
    print(f"to measure: {len(stale)} reference models of {len(pairs)} pairs of environments")
    for why, count in Counter(one.why for one in stale).most_common():
        print(f"  {count:6d}  {why}")


def _measure(
    project: Project, spec: Spec, stale: Collection[Stale], options: UpdateOptions
) -> Results:
    """Return an ordinary run of the stale cells, and of those that control them."""
    from runner.atlas.staleness import cells_of  # noqa: PLC0415
    from runner.cli.console import Console  # noqa: PLC0415
    from runner.cli.progress_bars import make_progress  # noqa: PLC0415
    from runner.model.matrix import Pairs  # noqa: PLC0415
    from runner.run.run_state import Options as RunOptions  # noqa: PLC0415

    names = {name for one in stale for name in (one.saver, one.loader)}
    models = {one.recipe for one in stale}
    pairs = {(one.saver, one.loader) for one in stale} | {(name, name) for name in names}
    narrowed = replace(
        spec,
        environments=tuple(item for item in spec.environments if item.id in names),
        recipes=tuple(item for item in spec.recipes if item.name in models),
        pairs=Pairs(only=frozenset(pairs)),
        expectations=None,
    )
    wanted = RunOptions(jobs=options.jobs, cells=cells_of(stale, narrowed))
    with project.session() as session, make_progress(Console(stderr=True)) as progress:
        return project.new_run(narrowed, session, wanted, progress).execute()


def _show(options: DataOptions) -> ExitCode:
    """``kmatrix atlas show``."""
    atlas = read_atlas(options.data)
    _require(atlas, options.data)
    cells = [cell for found in atlas.cells.values() for cell in found]
    print(
        f"{len(atlas.index.environments)} environments, {len(atlas.provenance)} pairs, "
        f"{len(atlas.index.recipes)} reference models, {', '.join(atlas.index.formats)}: "
        f"{len(cells)} cells"
    )
    counts = Counter(cell.verdict for cell in cells)
    print("  " + ", ".join(f"{counts[item]} {item}" for item in Verdict if counts[item]))
    for item in atlas.index.measurements:
        print(
            f"measured {item.date} with kmatrix {item.kmatrix}, worker {item.worker[:12]}, "
            f"{item.system}: {len(item.environments)} environments, {len(item.recipes)} models"
        )
    for environment in atlas.index.environments:
        packages = ", ".join(f"{name} {version}" for name, version in environment.packages)
        print(f"  {environment.id:28s} Python {environment.python}, {packages}")
    return ExitCode.AS_EXPECTED


def _ranges(options: RangesOptions) -> ExitCode:
    """``kmatrix atlas ranges``."""
    from runner.atlas.ranges import find_ranges, sentence  # noqa: PLC0415

    atlas = read_atlas(options.data)
    models = {item.name for item in atlas.index.recipes}
    unknown = [name for name in options.models if name not in models]
    if unknown:
        raise ToolError(
            f"--models {' '.join(unknown)}: not in the atlas, which has {', '.join(models)}",
            exit_code=ExitCode.USAGE,
        )
    found = [
        item
        for item in find_ranges(atlas, _releases())
        if not options.models or item.model in options.models
    ]
    if options.format == "json":
        print(json.dumps({"schema": SCHEMA, "ranges": to_plain(found)}, indent=1))
        return ExitCode.AS_EXPECTED
    titles = dict(atlas.index.signatures)
    for item in found:
        print(sentence(item, titles[item.signature]))
    return ExitCode.AS_EXPECTED


def _report(options: ReportOptions) -> ExitCode:
    """``kmatrix atlas report``."""
    from runner.atlas.known_results import known_results, with_causes  # noqa: PLC0415
    from runner.cli.report_writer import write_report  # noqa: PLC0415 - Jinja2

    atlas = read_atlas(options.data)
    _require(atlas, options.data)
    pairs = [(item.saver, item.loader) for item in atlas.provenance]
    write_report(with_causes(known_results(atlas, pairs).results), options.report_dir)
    print(f"report: {options.report_dir / 'index.html'}")
    return ExitCode.AS_EXPECTED


def _require(atlas: Atlas, folder: Path) -> None:
    if not atlas.index.environments:
        raise ToolError(f"{folder}: no atlas; measure one: kmatrix atlas update")


def _releases() -> Mapping[str, Sequence[str]]:
    """Return the minor releases that the catalogue knows."""
    from runner.atlas.ranges import KERAS, TENSORFLOW  # noqa: PLC0415
    from runner.config.catalogue_file import default_catalogue  # noqa: PLC0415

    catalogue = default_catalogue()
    return {TENSORFLOW: tuple(catalogue.tensorflow), KERAS: tuple(catalogue.keras)}


COMMAND = Group(
    description="The atlas holds what kmatrix measured of pinned releases, as data. `kmatrix "
    "check` and `kmatrix explain` answer from it. See docs/atlas.md.",
    examples=EXAMPLES,
    actions={
        "update": (
            "measure what is new or stale, and write the data",
            Command(options=UpdateOptions, run=_update),
        ),
        "show": ("say what it holds", Command(options=DataOptions, run=_show)),
        "report": (
            "write its page, as kmatrix report does",
            Command(options=ReportOptions, run=_report),
        ),
        "ranges": (
            "list its failures by ranges of releases",
            Command(options=RangesOptions, run=_ranges),
        ),
    },
)
