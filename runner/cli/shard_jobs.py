"""``--shard 2/5`` and ``kmatrix plan --shards 5``: a part of the matrix, and the list of parts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.version import Version

from runner.errors import ExitCode, ToolError
from runner.model.finding import EnvironmentStatus
from runner.model.results import EnvironmentResult, ShardResult, SplitResult
from runner.model.shards import Place
from runner.plan.planner import wanted_pairs
from runner.run.installations import environment_digests, read_locks
from runner.shards.split import split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.builds import Lock
    from runner.model.matrix import Environment, Spec
    from runner.model.results import Results
    from runner.model.shards import Shard

MOST_JOBS = 256  # of a job matrix on GitHub
ELSEWHERE = "not measured: the results of its shard are missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A shard of a spec: what it measures, and the whole that it is a part of."""

    shard: Shard
    spec: Spec  # narrowed to the shard
    whole: SplitResult

    def stamp(self, results: Results) -> Results:
        """Results that say which part they are, for the merge."""
        run = replace(results.run, shard=str(self.shard.place))
        return replace(results, run=run, split=self.whole)


def part_of(spec: Spec, text: str) -> Part:
    """Return the shard ``2/5`` of a spec.

    Raises ToolError (exit code 2) if the text is not a shard.
    """
    place = Place.parse(text)
    shards = shards_of(spec, place.total)
    return Part(
        shard=shards[place.number - 1],
        spec=narrow(spec, shards[place.number - 1]),
        whole=describe(spec, shards),
    )


def shards_of(spec: Spec, total: int) -> tuple[Shard, ...]:
    """Return a spec in ``total`` shards."""
    pairs = [(saver.id, loader.id) for saver, loader in wanted_pairs(spec)]
    installations = {item.id: item.installation.name for item in spec.environments}
    return split(pairs, installations, total)


def narrow(spec: Spec, shard: Shard) -> Spec:
    """Return the spec of one shard: its environments and pairs, all models and formats."""
    wanted = set(shard.environments)
    return replace(
        spec,
        environments=tuple(item for item in spec.environments if item.id in wanted),
        pairs=replace(spec.pairs, only=frozenset(shard.pairs)),
    )


def describe(spec: Spec, shards: tuple[Shard, ...]) -> SplitResult:
    """Return the whole split as results keep it, without empty shards."""
    locks = read_locks(spec)
    return SplitResult(
        environments=tuple(_unmeasured(item, locks) for item in spec.environments),
        shards=tuple(
            ShardResult(name=str(shard.place), pairs=_by_saver(shard))
            for shard in shards
            if shard.pairs
        ),
    )


def _by_saver(shard: Shard) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, list[str]] = {}
    for saver, loader in shard.pairs:
        found.setdefault(saver, []).append(loader)
    return tuple((saver, tuple(loaders)) for saver, loaders in found.items())


def _unmeasured(environment: Environment, locks: Mapping[str, Lock]) -> EnvironmentResult:
    installation = environment.installation
    return EnvironmentResult(
        id=environment.id,
        status=EnvironmentStatus.UNAVAILABLE,
        reason=ELSEWHERE,
        installation=installation.name,
        builder=installation.builder,
        python=installation.python,
        backend=str(environment.backend),
        api=str(environment.api),
        lock=locks[installation.name].digest,
        variables=environment.variables,
    )


def job_list(spec: Spec, total: int) -> list[dict[str, str | int]]:
    """One job for each shard that has something to do.

    ``pythons``: the versions it needs, separated by spaces. ``key`` is for a cache of
    what it builds: it changes with the locks.
    """
    digests = environment_digests(spec, read_locks(spec))
    pythons = {item.id: item.installation.python for item in spec.environments}
    jobs: list[dict[str, str | int]] = []
    for shard in shards_of(spec, total):
        if not shard.pairs:
            continue
        names = sorted(shard.environments)
        content = "\n".join(f"{name} {digests[name]}" for name in names)
        jobs.append(
            {
                "shard": str(shard.place),
                "slug": f"{shard.place.number}-of-{shard.place.total}",
                "environments": len(names),
                "pairs": len(shard.pairs),
                "pythons": " ".join(sorted({pythons[name] for name in names}, key=Version)),
                "key": hashlib.sha256(content.encode()).hexdigest()[:16],
            }
        )
    return jobs


def show_shards(spec: Spec, total: int, form: str, *, only: str | None = None) -> ExitCode:
    """``kmatrix plan --shards``. ``form``: text, json, pythons, or github for ``strategy.matrix``.

    only: this shard, ``2/5``.
    """
    if form == "github" and total > MOST_JOBS:
        raise ToolError(
            f"--shards {total}: GitHub starts at most {MOST_JOBS} jobs of one matrix; "
            f"ask for {MOST_JOBS} or fewer",
            exit_code=ExitCode.USAGE,
        )
    jobs = [job for job in job_list(spec, total) if only in {None, job["shard"]}]
    if form == "github":
        print(json.dumps({"include": jobs}, separators=(",", ":")))
    elif form == "pythons":
        needed = {version for job in jobs for version in str(job["pythons"]).split()}
        print("\n".join(sorted(needed, key=Version)))
    elif form == "json":
        print(json.dumps(jobs, indent=2))
    else:
        for job in jobs:
            print(
                f"shard {job['shard']}: {job['pairs']} pairs of {job['environments']} "
                f"environments: kmatrix run --shard {job['shard']}"
            )
    return ExitCode.AS_EXPECTED
