import pytest

from runner.errors import ToolError
from runner.model.shards import Place
from runner.shards.split import deal, group_count, split

NAMES = [f"tf2.{minor}-py3{minor % 5 + 8}" for minor in range(37)]


def square(names):
    return [(saver, loader) for saver in names for loader in names]


def alone(names):
    """Each environment has an installation of its own."""
    return {name: name for name in names}


@pytest.mark.parametrize("count", [1, 2, 6, 37])
@pytest.mark.parametrize("total", [1, 2, 3, 7, 20, 256])
def test_every_pair_is_in_exactly_one_shard(count, total):
    names = NAMES[:count]
    shards = split(square(names), alone(names), total)
    assert [str(shard.place) for shard in shards] == [f"{n}/{total}" for n in range(1, total + 1)]
    assert sorted(pair for shard in shards for pair in shard.pairs) == sorted(square(names))


def test_a_split_is_the_same_every_time():
    assert split(square(NAMES), alone(NAMES), 7) == split(square(NAMES), alone(NAMES), 7)


@pytest.mark.parametrize(("total", "most"), [(3, 25), (7, 22), (8, 19), (20, 13), (40, 10)])
def test_a_shard_builds_few_environments(total, most):
    """A row of savers each would build all 37 everywhere."""
    shards = split(square(NAMES), alone(NAMES), total)
    assert max(len(shard.environments) for shard in shards) <= most


@pytest.mark.parametrize("total", [2, 3, 5, 7, 8, 10, 16])
def test_shards_are_balanced(total):
    shards = split(square(NAMES), alone(NAMES), total)
    assert max(len(shard.pairs) for shard in shards) <= 1.35 * 37 * 37 / total


@pytest.mark.parametrize("total", [2, 3, 5, 7, 8, 10, 16, 40])
def test_one_more_environment_leaves_most_pairs_in_their_shard(total):
    wider = [*NAMES[:20], "tf3.0-py313", *NAMES[20:]]
    before = where(split(square(NAMES), alone(NAMES), total))
    after = where(split(square(wider), alone(wider), total))
    stayed = sum(after[pair] == number for pair, number in before.items())
    assert stayed >= 0.8 * len(before)


def where(shards):
    return {pair: shard.place.number for shard in shards for pair in shard.pairs}


def test_environments_of_one_installation_stay_together():
    names = [f"{name}{variant}" for name in NAMES for variant in ("", "-graph")]
    installations = {name: name.removesuffix("-graph") for name in names}
    for shard in split(square(names), installations, 7):
        for name in shard.environments:
            base = installations[name]
            assert {base, f"{base}-graph"} <= set(shard.environments)


def test_more_shards_than_pairs_leave_the_rest_empty():
    shards = split(square(["a", "b"]), alone(["a", "b"]), 9)
    assert sum(1 for shard in shards if shard.pairs) == 3
    assert sum(len(shard.pairs) for shard in shards) == 4


@pytest.mark.parametrize("total", [2, 5, 8])
def test_a_chain_of_neighbours_is_cut_into_pieces_of_the_chain(total):
    chain = [
        (saver, loader)
        for one, saver in enumerate(NAMES)
        for other, loader in enumerate(NAMES)
        if abs(one - other) <= 1
    ]
    shards = split(chain, alone(NAMES), total)
    assert sorted(pair for shard in shards for pair in shard.pairs) == sorted(chain)
    assert max(len(shard.environments) for shard in shards) <= 37 // total + 4


def test_groups_have_the_same_size_but_for_one():
    for count in (2, 5, 7, 37):
        sizes = [0] * count
        for group in deal(NAMES, count).values():
            sizes[group] += 1
        assert sum(sizes) == len(NAMES)
        assert max(sizes) - min(sizes) <= 1


def test_seven_shards_share_seven_groups_as_lines_of_a_plane_do():
    assert group_count(7) == 7
    names = NAMES[:7]
    for shard in split(square(names), alone(names), 7):
        assert len(shard.environments) <= 4


@pytest.mark.parametrize("text", ["", "0/3", "4/3", "1", "a/b", "1/0", "-1/2", "1/2/3"])
def test_what_is_no_shard_is_said(text):
    with pytest.raises(ToolError, match="second shard of five"):
        Place.parse(text)


def test_a_shard_is_read_as_it_is_written():
    assert str(Place.parse("2/5")) == "2/5"
