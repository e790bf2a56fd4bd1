"""``matrix.yaml`` to a ``Matrix``; a profile and the command line's selections to a ``Spec``."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from runner.config import values
from runner.config.catalogue_file import default_catalogue
from runner.config.derive import derive
from runner.config.entry import read_builder, read_entry
from runner.config.expectations_file import Names, read_expectations
from runner.config.fields import keys_of
from runner.config.models import read_models, recipe_folder
from runner.config.problems import Problems, did_you_mean, nearest
from runner.config.settings import (
    read_formats,
    read_image,
    read_limits,
    read_pairs,
    read_selection,
    read_tolerance,
)
from runner.config.yaml_source import compose
from runner.errors import ExitCode, ToolError
from runner.model.matrix import Format, ImageOptions, Matrix, Pairs, Profile, Spec, Tolerance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from runner.config.catalogue import Catalogue
    from runner.config.yaml_nodes import Node
    from runner.model.matrix import Environment, RecipeInfo

DEFAULT = "default"
FOR_ALL = ("builder", "docker")  # keys that set the default of every environment


def load_matrix(path: Path, *, catalogue: Catalogue | None = None) -> Matrix:
    """Read a matrix file. Raises ToolError (exit code 2) with all mistakes, sorted by place."""
    problems = Problems()
    root = compose(path, problems)
    problems.raise_if_any()
    assert root is not None  # noqa: S101 - else there was a problem
    fields = root.fields((*keys_of(Matrix), *FOR_ALL))
    if "environments" not in fields and root.is_mapping:
        root.problem("the key 'environments' is missing", "declare at least one")
    builder = read_builder(fields["builder"]) if "builder" in fields else "nox"
    image = read_image(fields.get("docker"), ImageOptions())
    environments = _environments(
        fields.get("environments"), catalogue or default_catalogue(), builder, image
    )
    tolerance = read_tolerance(fields.get("tolerance"), Tolerance())
    # Where environments have mistakes, selectors that miss them are none.
    whole_so_far = not len(problems)
    models = read_models(
        fields.get("models"),
        folder=recipe_folder(path),
        default=tolerance,
        environments=environments if whole_so_far else (),
    )
    environments, recipes = models.environments, models.recipes
    names = [environment.id for environment in environments] if whole_so_far else []
    formats = read_formats(fields.get("formats"))
    pairs = read_pairs(fields.get("pairs"), names)
    whole = Profile(
        name=DEFAULT,
        environments=tuple(names),
        recipes=tuple(recipe.name for recipe in recipes),
        formats=formats,
        pairs=pairs,
    )
    profiles = _profiles(fields.get("profiles"), whole)
    default = _default_profile(fields.get("default-profile"), profiles)
    limits = read_limits(fields.get("limits"))
    known = Names(environments=whole.environments, recipes=whole.recipes, formats=tuple(Format))
    expectations = read_expectations(fields.get("expectations"), path, known, problems)
    problems.raise_if_any()
    return Matrix(
        file=path,
        environments=environments,
        recipes=recipes,
        formats=formats,
        pairs=pairs,
        tolerance=tolerance,
        limits=limits,
        profiles=profiles,
        default_profile=default,
        expectations=expectations,
    )


def _environments(
    node: Node | None, catalogue: Catalogue, builder: str, image: ImageOptions
) -> tuple[Environment, ...]:
    if node is None:
        return ()
    if node.is_mapping:
        entries = [(key, child) for key, child in (node.mapping() or {}).items()]
    else:
        entries = [(None, child) for child in node.items()]  # type: ignore[misc]
    if not entries and (node.is_mapping or node.is_list):
        node.problem("has no environment", "add one, such as - tensorflow: '2.15'")
    found: dict[str, Environment] = {}
    installed: dict[str, Environment] = {}
    for key, child in entries:
        entry = read_entry(child, key=key, builder=builder, image=image)
        for environment in derive(entry, catalogue) if entry is not None else ():
            other = found.get(environment.id)
            same = installed.get(environment.installation.name)
            if other is not None:
                child.problem(
                    f"a second environment is called {environment.id!r}",
                    f"the first is at {other.position}; give one of them an id",
                )
            elif same is not None and same.installation != environment.installation:
                child.problem(
                    f"a second installation is called {environment.installation.name!r}",
                    f"the first is at {same.position}; give one of them an id",
                )
            else:
                found[environment.id] = environment
                installed[environment.installation.name] = environment
    return tuple(found.values())


def _profiles(node: Node | None, whole: Profile) -> tuple[Profile, ...]:
    if node is None:
        return (whole,)
    found = []
    for name, child in (node.mapping() or {}).items():
        if values.name(child, name, "a profile") is None:
            continue
        fields = child.fields(keys_of(Profile))
        environments = read_selection(fields.get("environments"), whole.environments, "environment")
        found.append(
            Profile(
                name=name,
                environments=environments,
                recipes=read_selection(fields.get("models"), whole.recipes, "reference model"),
                formats=read_formats(fields["formats"]) if "formats" in fields else whole.formats,
                pairs=read_pairs(fields["pairs"], environments)
                if "pairs" in fields
                else whole.pairs,
            )
        )
    return tuple(found) or (whole,)


def _default_profile(node: Node | None, profiles: Sequence[Profile]) -> str:
    names = [profile.name for profile in profiles]
    if node is not None:
        return node.choice(names, "profile") or names[0]
    return DEFAULT if DEFAULT in names else names[0]


def select(
    matrix: Matrix,
    *,
    profile: str | None,
    environments: Sequence[str] = (),
    recipes: Sequence[str] = (),
    formats: Sequence[str] = (),
    touching: Sequence[str] = (),
) -> Spec:
    """Apply a profile, then the command line. Selectors reach over the whole matrix file.

    Raises ToolError (exit code 2) for an unknown profile and for selectors that match nothing.
    """
    chosen = _profile(matrix, profile)
    names = [environment.id for environment in matrix.environments]
    wanted = _globs(environments, names, "environment") or chosen.environments
    models = [recipe.name for recipe in matrix.recipes]
    wanted_models = _globs(recipes, models, "reference model") or chosen.recipes
    wanted_formats = _globs(formats, list(Format), "format") or chosen.formats
    near = _globs(touching, names, "environment")
    pairs = replace(chosen.pairs, touching=near) if near else chosen.pairs
    if near:  # what is touched has to be there
        wanted = tuple(name for name in names if name in {*wanted, *near})
    return Spec(
        file=matrix.file,
        profile=chosen.name,
        environments=_keep_environments(matrix.environments, wanted),
        recipes=_keep_recipes(matrix.recipes, wanted_models),
        formats=tuple(item for item in Format if item in wanted_formats),
        pairs=pairs if isinstance(pairs, Pairs) else Pairs(),
        tolerance=matrix.tolerance,
        limits=matrix.limits,
        expectations=matrix.expectations,
    )


def _profile(matrix: Matrix, name: str | None) -> Profile:
    wanted = name or matrix.default_profile
    for profile in matrix.profiles:
        if profile.name == wanted:
            return profile
    names = [profile.name for profile in matrix.profiles]
    hint = did_you_mean(wanted, names) or f"there are: {', '.join(names)}"
    raise ToolError(
        f"--profile {wanted}: no such profile in {matrix.file}; {hint}", exit_code=ExitCode.USAGE
    )


def _globs(globs: Iterable[str], known: Sequence[str], what: str) -> tuple[str, ...]:
    found: set[str] = set()
    lost = []
    for glob in globs:
        matches = {name for name in known if fnmatchcase(name, glob)}
        if not matches:
            lost.append(f"{glob!r} matches no {what}; {nearest(glob, known)}")
        found |= matches
    if lost:
        raise ToolError("\n".join(lost), exit_code=ExitCode.USAGE)
    return tuple(name for name in known if name in found)


def _keep_environments(
    items: Sequence[Environment], names: Iterable[str]
) -> tuple[Environment, ...]:
    wanted = set(names)
    return tuple(item for item in items if item.id in wanted)


def _keep_recipes(items: Sequence[RecipeInfo], names: Iterable[str]) -> tuple[RecipeInfo, ...]:
    wanted = set(names)
    return tuple(item for item in items if item.name in wanted)
