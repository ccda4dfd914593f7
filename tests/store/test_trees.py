"""Trees: what was built is walked in order, found by path, and has one id however it was given."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sestina.errors import InvalidInput
from sestina.kernel import escape
from sestina.records import paths
from sestina.records.tree import Tree
from sestina.store import trees
from sestina.store.repo import Repo
from sestina.store.trees import Leaf
from sestina.testing import strategies

BLOB = "0" * 64


def order(leaf: Leaf) -> tuple[bytes, ...]:
    root, rest = paths.split(leaf.path)
    return (root.encode(), *rest.split(b"/"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(leaves=strategies.leaves(), shuffled=st.randoms())
def test_what_was_built_is_walked_in_order_and_found(
    leaves: list[Leaf], shuffled: random.Random
) -> None:
    with Repo.open("memory:") as repo:
        tree = trees.build(repo, leaves)
        assert list(trees.walk(repo, tree)) == sorted(leaves, key=order)
        for leaf in leaves:
            assert trees.read(repo, tree, leaf.path) == leaf
        again = list(leaves)
        shuffled.shuffle(again)
        assert trees.build(repo, again) == tree


def many(count: int) -> list[Leaf]:
    return [Leaf(f"project:data/{number}.csv", "file", BLOB, number) for number in range(count)]


@pytest.fixture(scope="module")
def memory() -> Iterator[Repo]:
    with Repo.open("memory:") as made:
        yield made


@pytest.mark.parametrize("count", [1024, 1025, 20_000])
def test_a_folder_of_many_names_is_split_and_nobody_sees_it(memory: Repo, count: int) -> None:
    leaves = many(count)
    tree = trees.build(memory, leaves)
    assert list(trees.walk(memory, tree)) == sorted(leaves, key=order)
    assert trees.read(memory, tree, "project:data/1000.csv") == leaves[1000]
    assert trees.read(memory, tree, "project:data/absent.csv") is None
    top = memory.records.get(tree, Tree).entries[0]
    assert top.size == sum(range(count))
    data = memory.records.get(memory.records.get(top.id, Tree).entries[0].id, Tree)
    assert {entry.mode for entry in data.entries} == {"part" if count > 1024 else "file"}


def test_one_change_in_a_large_folder_writes_small_records(memory: Repo) -> None:
    leaves = many(20_000)
    trees.build(memory, leaves)
    before = memory.records.drawer._open[0].length
    leaves[7] = Leaf(leaves[7].path, "file", "1" * 64, 7)
    trees.build(memory, leaves)
    assert memory.records.drawer._open[0].length - before < 100_000


def test_folders_may_nest_deeper_than_calls_may() -> None:
    deep = Leaf("abs:" + "a/" * 2040 + "b", "file", BLOB, 1)
    with Repo.open("memory:") as repo:
        tree = trees.build(repo, [deep])
        assert list(trees.walk(repo, tree)) == [deep]
        assert trees.read(repo, tree, deep.path) == deep


def test_what_is_not_in_a_tree_is_not_found() -> None:
    with Repo.open("memory:") as repo:
        tree = trees.build(repo, [Leaf("project:a/b", "exec", BLOB, 1)])
        for path in ("project:a", "project:a/b/c", "project:b", "home:a/b", "project:a/B"):
            assert trees.read(repo, tree, path) is None
        assert list(trees.walk(repo, trees.build(repo, []))) == []


@pytest.mark.parametrize(
    "path", ["project:", "a/b", "project:/a", "project:a//b", "project:a/../b", "project:.", "x:a"]
)
def test_a_path_that_could_lead_elsewhere_is_refused(memory: Repo, path: str) -> None:
    with pytest.raises(InvalidInput):
        trees.build(memory, [Leaf(path, "file", BLOB, 1)])


@pytest.mark.parametrize("other", ["project:a/b", "project:a", "project:a/b/c"])
def test_a_path_cannot_stand_for_two_things(memory: Repo, other: str) -> None:
    leaves = [Leaf("project:a/b", "file", BLOB, 1), Leaf(other, "file", "1" * 64, 1)]
    for given_leaves in (leaves, leaves[::-1]):
        with pytest.raises(InvalidInput, match="stands for two things"):
            trees.build(memory, given_leaves)


def test_the_same_leaf_twice_is_one_leaf(memory: Repo) -> None:
    leaf = Leaf(f"project:{escape.to_text(bytes([255, 10]))}", "link", BLOB, 1)
    assert list(trees.walk(memory, trees.build(memory, [leaf, leaf]))) == [leaf]
