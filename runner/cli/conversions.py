"""Conversions as the command line and ``kmatrix.convert`` ask for them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner.cli.check_target import UnsolvableError, find_target, preferred_ids
from runner.cli.options import MATRIX_FILE, ProjectOptions
from runner.cli.project import open_project_or_own
from runner.compare.upgrade_target import is_requirement, resolve
from runner.config.matrix_file import select
from runner.convert.conversion import NewFormat, Source
from runner.convert.converter import Converter, Wish
from runner.convert.naming import new_path, unpacked
from runner.convert.places import NoPlaceError, open_environment, open_python
from runner.convert.references import MatrixReferences
from runner.environments.builders import make_builders
from runner.errors import ExitCode, ToolError
from runner.modelfile.guard import inspect_files
from runner.plan.candidates import candidates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from runner.cli.project import Project
    from runner.convert.conversion import Conversion
    from runner.convert.places import Place
    from runner.model.inspection import Inspection
    from runner.run.session import Session


READS_KERAS_1 = ("keras2.3.1-tf", "keras2.2.4-tf1.14")  # beside the default profile


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Files, the target, and where the new files go. One of ``to`` and ``python`` is given."""

    sources: tuple[Source, ...]
    wish: Wish
    to: tuple[str, ...] = ()
    python: Path | None = None
    output: Path | None = None


def convert_sources(
    project: Project, request: Request, say: Callable[[str], None]
) -> tuple[Conversion, ...]:
    """Convert files. Raises ToolError where a file is missing or the target cannot be used."""
    with project.session() as session:
        inside = [
            unpacked(one, session.scratch / "unpacked" / str(number))
            for number, one in enumerate(request.sources)
        ]
        inspections = inspect_files([one.path for one in inside])
        target, word = _target(project, request, session)
        many = len(request.sources) > 1
        kind = request.wish.format
        files = [
            (
                source,
                found,
                new_path(source, found, kind or target.native, word, request.output, many=many),
            )
            for source, found in zip(request.sources, inspections, strict=True)
        ]
        files = _apart(files)
        converter = Converter(
            target=target,
            references=_references(project, session, target, say),
            wish=replace(request.wish, named=_is_named(request.output, many=many)),
            tolerance=project.matrix.tolerance,
            scratch=session.scratch / "convert",
            say=say,
        )
        opened = [(part, found, new) for part, (_, found, new) in zip(inside, files, strict=True)]
        done = converter.convert(opened)
        return tuple(
            replace(one, source=source) for one, source in zip(done, request.sources, strict=True)
        )


def _is_named(output: Path | None, *, many: bool) -> bool:
    """Whether the user named one file, and not a folder."""
    return output is not None and not many and not output.is_dir() and bool(output.suffix)


def _apart(
    files: Sequence[tuple[Source, Inspection, Path]],
) -> list[tuple[Source, Inspection, Path]]:
    """Two originals that differ only in the end of their names get two new names."""
    counts = Counter(new for _, _, new in files)
    return [
        (
            one,
            found,
            new
            if counts[new] == 1
            else new.with_name(new.name.replace(one.path.stem, one.path.name, 1)),
        )
        for one, found, new in files
    ]


def _references(
    project: Project, session: Session, target: Place, say: Callable[[str], None]
) -> MatrixReferences:
    spec = select(project.matrix, profile=None, environments=())
    old = tuple(one for one in project.matrix.environments if one.id.startswith(READS_KERAS_1))
    known = (*spec.environments, *(one for one in old if one not in spec.environments))
    locks = project.locks(one.installation for one in known)
    return MatrixReferences(
        known=candidates(known, locks),
        builder_for=project.builder_for,
        folder=project.folder,
        home=session.scratch / "homes",
        limits=project.matrix.limits,
        opened={target.name: target},
        say=say,
    )


def _target(project: Project, request: Request, session: Session) -> tuple[Place, str]:
    """Return the target, and the word that its files are called by."""
    home = session.scratch / "homes" / "target"
    if request.python is not None:
        return open_python(request.python.absolute(), home=home), "converted"
    words, folder = request.to, project.folder
    preferred = preferred_ids(project.matrix)
    if all(map(is_requirement, words)):
        base = [one for one in project.matrix.environments if one.id in preferred][-1]
        try:
            found = find_target(words, base, project.matrix, project.build, None)
        except UnsolvableError as error:
            raise ToolError(str(error)) from error
        environment, folder = found.environment, found.folder
    elif len(words) == 1:
        environment = resolve(words[0], project.matrix.environments, preferred)
    else:
        raise ToolError("--to takes one environment, or packages", exit_code=ExitCode.USAGE)
    try:
        place = open_environment(
            environment,
            builder_for=make_builders(folder=folder, build=project.build.resolve()),
            folder=folder,
            home=home,
            limits=project.matrix.limits,
        )
    except NoPlaceError as error:
        raise ToolError(f"--to {' '.join(words)}: {error}") from error
    return place, "-".join(words).replace("==", "")


def convert_one(  # noqa: PLR0913 - what ``kmatrix.convert`` takes, by keyword
    path: Path,
    *,
    to: str | None,
    python: Path | None,
    weights: Path | None,
    output: Path | None,
    format_name: str | None,
    matrix: Path | None,
    force: bool,
    unverified: bool,
    trust: bool,
) -> Conversion:
    """Convert one file, as ``kmatrix.convert`` describes it."""
    if (to is None) == (python is None):
        raise ToolError("name the target: to=, or python=", exit_code=ExitCode.USAGE)
    for given in (path, *(() if weights is None else (weights,))):
        if not given.exists():
            raise ToolError(f"{given}: no such file or folder", exit_code=ExitCode.USAGE)
    project, _ = open_project_or_own(ProjectOptions(matrix=matrix or MATRIX_FILE))
    request = Request(
        sources=(Source(path=path, weights=weights),),
        wish=Wish(
            format=NewFormat(format_name) if format_name else None,
            force=force,
            trusted=trust,
            unverified=unverified,
            seconds=project.matrix.limits.cell_seconds,
        ),
        to=() if to is None else (to,),
        python=python,
        output=output,
    )
    return convert_sources(project, request, lambda _: None)[0]
