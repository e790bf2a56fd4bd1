"""Splits the pairs of a matrix into shards.

What a shard costs is its pairs, and the environments it has to build and let save. The square
saver x loader is therefore cut into blocks: installations are dealt into groups, a block holds
all pairs between two groups in both directions, and a shard takes blocks that share groups. Of
7 shards each needs 3 groups of 7, where one row of savers each would need every environment.

Stable: an installation's group follows from its name, and a block's shard from the number of
shards, so that an environment more moves few of the others' pairs, and caches stay of use.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from runner.model.shards import Place, Shard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.model.shards import Pair

BUILD = 4  # an environment costs about as much as this many pairs: build, start, saves
TYPICAL = 36  # environments of the matrix for which the number of groups is chosen
Block = tuple[int, int]  # two groups, the lower number first; twice the same: within it


def split(pairs: Sequence[Pair], installations: Mapping[str, str], total: int) -> tuple[Shard, ...]:
    """``total`` shards that hold every pair once.

    installations: environment id to the installation it shares with others, in matrix order.
    Shards are empty where there are more of them than there are blocks.
    """
    names = list(dict.fromkeys(installations.values()))
    square = len(pairs) == len(installations) ** 2
    count = group_count(total) if square else total
    groups = (deal if square else chunks)(names, min(count, len(names)))
    blocks: dict[Block, list[Pair]] = {}
    for saver, loader in pairs:
        one, other = groups[installations[saver]], groups[installations[loader]]
        blocks.setdefault((min(one, other), max(one, other)), []).append((saver, loader))
    assigned, _ = _assign(
        _equal_blocks(max(groups.values()) + 1) if square else _real_blocks(blocks), total
    )
    order = {pair: place for place, pair in enumerate(pairs)}
    held: list[list[Pair]] = [[] for _ in range(total)]
    for block, found in blocks.items():
        held[assigned[block]] += found
    return tuple(
        Shard(
            place=Place(number=number, total=total),
            pairs=tuple(sorted(part, key=order.__getitem__)),
        )
        for number, part in enumerate(held, start=1)
    )


@cache
def group_count(total: int) -> int:
    """How many groups serve ``total`` shards best: the least costly dearest shard."""
    if total == 1:
        return 1
    near = math.ceil(math.sqrt(2 * total))  # that many blocks of equal size, two groups each
    return min(range(max(2, near - 1), near + 5), key=lambda count: (_dearest(count, total), count))


def deal(names: Sequence[str], count: int) -> dict[str, int]:
    """Names to groups of equal size (plus or minus one) by hash: few move when one is added."""
    ranked = sorted((_score(name, group), name, group) for name in names for group in range(count))
    found: dict[str, int] = {}
    sizes = [0] * count
    fair, more = divmod(len(names), count)
    for _, name, group in ranked:
        if name not in found and sizes[group] < fair:
            found[name] = group
            sizes[group] += 1
    for _, name, group in ranked:
        if name not in found and sizes[group] == fair and more:
            found[name] = group
            sizes[group] += 1
            more -= 1
    return found


def chunks(names: Sequence[str], count: int) -> dict[str, int]:
    """Neighbours into the same group: for matrices in which only some pairs are asked for."""
    return {name: place * count // len(names) for place, name in enumerate(names)}


def _score(name: str, group: int) -> bytes:
    return hashlib.sha256(f"{name}\0{group}".encode()).digest()


@dataclass(slots=True)
class _Weight:
    """A block as the assignment sees it, or a shard on its way."""

    pairs: int = 0
    builds: dict[str, int] = field(default_factory=dict)  # what is built, and its cost

    @property
    def cost(self) -> int:
        return self.pairs + sum(self.builds.values())

    def cost_of(self, more: _Weight) -> int:
        """Return what this shard would cost more with one block more."""
        return more.pairs + sum(c for what, c in more.builds.items() if what not in self.builds)

    def add(self, more: _Weight) -> None:
        self.pairs += more.pairs
        self.builds.update(more.builds)


def _assign(blocks: Mapping[Block, _Weight], total: int) -> tuple[dict[Block, int], list[_Weight]]:
    """Return the heaviest block first, each to the shard that is cheapest with it."""
    shards = [_Weight() for _ in range(total)]
    costs = [0] * total
    found: dict[Block, int] = {}
    for block in sorted(blocks, key=lambda block: (-blocks[block].pairs, block)):
        weight = blocks[block]
        would = [cost + shard.cost_of(weight) for cost, shard in zip(costs, shards, strict=True)]
        best = would.index(min(would))
        shards[best].add(weight)
        costs[best] = shards[best].cost
        found[block] = best
    return found, shards


def _equal_blocks(count: int) -> dict[Block, _Weight]:
    """As if all groups had the same size: the assignment follows from their number alone."""
    # Times count * count, so that sums are exact and ties are ties on every machine.
    return {
        (one, other): _Weight(
            pairs=TYPICAL * TYPICAL * (1 if one == other else 2),
            builds={str(group): BUILD * TYPICAL * count for group in (one, other)},
        )
        for one, other in combinations_with_replacement(range(count), 2)
    }


def _real_blocks(blocks: Mapping[Block, Sequence[Pair]]) -> dict[Block, _Weight]:
    return {
        block: _Weight(
            pairs=len(pairs), builds=dict.fromkeys((name for pair in pairs for name in pair), BUILD)
        )
        for block, pairs in blocks.items()
    }


def _dearest(count: int, total: int) -> float:
    _, shards = _assign(_equal_blocks(count), total)
    return max(shard.cost for shard in shards) / (count * count)
