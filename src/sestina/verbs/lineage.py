"""`lineage`: what a thing was made from and what it went into, without a pipeline file.

Runs are linked where one read what another wrote: the same bytes at the same logical path. Where
several runs wrote them, all are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sestina.kernel.ids import short
from sestina.records.answers_lineage import Arrow, LineageAnswer, Node
from sestina.records.facts import Facts
from sestina.records.ingredient import DataRecord
from sestina.records.recipe import Recipe
from sestina.records.run import Run
from sestina.store import trees
from sestina.store.trees import Leaf
from sestina.verbs.bearer import Bearer, bearer

if TYPE_CHECKING:
    from sestina.store.repo import Repo

_MOST_FILES = 12
"""Inputs of one run without a maker that are shown one by one; more are folded into one node."""


def lineage(
    repo: Repo, name: str, *, up: bool = False, down: bool = False, depth: int | None = None
) -> LineageAnswer:
    """Returns the graph around `name`: upwards, downwards, or (by default) both.

    `depth` is how many runs far, without it all; beyond it runs are counted in `folded`.
    """
    both = up == down
    graph = _Graph(repo)
    centre = graph.start(bearer(repo, name))
    if up or both:
        graph.climb(centre, depth)
    if down or both:
        graph.descend(centre, depth)
    return LineageAnswer(
        centre=graph.centre,
        nodes=tuple(graph.nodes.values()),
        arrows=tuple(dict.fromkeys(graph.arrows)),
        folded=len(graph.beyond - graph.done),
    )


class _Graph:
    def __init__(self, repo: Repo):
        self.repo = repo
        self.nodes: dict[str, Node] = {}
        self.arrows: list[Arrow] = []
        self.beyond: set[str] = set()
        self.done: set[str] = set()
        self.centre = ""
        self._made_by: dict[str, dict[str, list[Leaf]]] = {}

    def start(self, held: Bearer) -> list[str]:
        """Returns the runs to begin with: the one behind the name, or all of a recipe."""
        if held.run_id is None:
            self.centre = f"recipe/{short(held.recipe_id)}"
            self._node(self.centre, "recipe", held.name, "")
            runs = [row.id for row in self.repo.refs.runs() if row.recipe == held.recipe_id]
            for run in runs:
                self._arrow(self.centre, self._run(run), "recipe")
            return runs
        run = self._run(held.run_id)
        self.centre = run
        if held.version is not None:
            self.centre = self._node(held.name, "version", held.name, held.version.format)
            self._arrow(run, self.centre, "")
        return [held.run_id]

    def climb(self, runs: list[str], depth: int | None) -> None:
        """Adds what the runs read, the runs that wrote it, and so on."""
        for run, step in self._waves(runs, depth, upward=True):
            self.beyond |= set(step)
            self._inputs(run)

    def descend(self, runs: list[str], depth: int | None) -> None:
        """Adds the versions made from the runs, what read their outputs, and so on."""
        for _, step in self._waves(runs, depth, upward=False):
            self.beyond |= set(step)

    def _waves(
        self, runs: list[str], depth: int | None, *, upward: bool
    ) -> Iterator[tuple[str, list[str]]]:
        self.done |= set(runs)
        seen, wave, far = set(runs), runs, 0
        while wave:
            following: list[str] = []
            for run in wave:
                near = self._makers(run) if upward else self._users(run)
                yield run, [] if depth is None or far < depth else list(near)
                if depth is not None and far >= depth:
                    continue
                for other, links in near.items():
                    for leaf in links:
                        self._link(run, other, leaf, upward=upward)
                    if other not in seen:
                        seen.add(other)
                        following.append(other)
            self.done |= set(following)
            wave, far = following, far + 1

    def _makers(self, run: str) -> dict[str, list[Leaf]]:
        """Returns the earlier runs that wrote what this run read as data, with those files."""
        if run in self._made_by:
            return self._made_by[run]
        found = self._made_by.setdefault(run, {})
        began = self._record(run).began
        for leaf in self._data(run):
            for use in self.repo.catalog.producers(leaf.id, leaf.path):
                earlier = use.run != run and self._record(use.run).began <= began
                if use.same_path and earlier:
                    found.setdefault(use.run, []).append(leaf)
        return found

    def _users(self, run: str) -> dict[str, list[Leaf]]:
        """Returns the later runs that read what this run wrote, with those files."""
        found: dict[str, list[Leaf]] = {}
        record = self._record(run)
        for leaf in trees.walk(self.repo, record.outputs):
            for use in self.repo.catalog.consumers(leaf.id, leaf.path):
                later = use.run != run and self._record(use.run).began >= record.began
                if use.same_path and later and use.ingredient == "data":
                    found.setdefault(use.run, []).append(leaf)
        return found

    def _link(self, run: str, other: str, leaf: Leaf, *, upward: bool) -> None:
        maker, user = (other, run) if upward else (run, other)
        file = self._node(f"{leaf.path}@{short(leaf.id)}", "file", leaf.path, short(leaf.id))
        self._arrow(self._run(maker), file, "")
        self._arrow(file, self._run(user), "data")

    def _inputs(self, run: str) -> None:
        """Adds the data that no run made, datasets by their name, and the command's script."""
        made = {leaf.path for leaves in self._makers(run).values() for leaf in leaves}
        own = [leaf for leaf in self._data(run) if leaf.path not in made]
        target = self._run(run)
        for name, leaves in self._by_dataset(run, own).items():
            key = f"{name}@{_together(leaves)}"
            remark = f"{len(leaves)} files" if len(leaves) > 1 else short(leaves[0].id)
            kind = "file" if len(leaves) == 1 and name == leaves[0].path else "dataset"
            self._arrow(self._node(key, kind, name, remark), target, "data")

    def _by_dataset(self, run: str, leaves: list[Leaf]) -> dict[str, list[Leaf]]:
        from sestina.records.settings import covering

        record = self._data_record(run)
        groups: dict[str, list[Leaf]] = {}
        for leaf in leaves:
            below = leaf.path.partition(":")[2]
            named = next(
                (one.name for one in record.datasets if covering((one.value or "",), below)), None
            )
            groups.setdefault(f"data/{named}" if named else leaf.path, []).append(leaf)
        if len(groups) > _MOST_FILES:
            loose = {name: held for name, held in groups.items() if not name.startswith("data/")}
            groups = {name: held for name, held in groups.items() if name not in loose}
            for held in loose.values():
                folder = held[0].path.rpartition("/")[0] or held[0].path.partition(":")[0] + ":"
                groups.setdefault(f"{folder}/", []).extend(held)
        return groups

    def _data_record(self, run: str) -> DataRecord:
        recipe = self.repo.records.get(self._record(run).recipe, Recipe)
        return self.repo.records.get(recipe.data.record, DataRecord)

    def _data(self, run: str) -> list[Leaf]:
        return list(trees.walk(self.repo, self._data_record(run).files))

    def _record(self, run: str) -> Run:
        return self.repo.records.get(run, Run)

    def _run(self, run: str) -> str:
        key = f"run/{short(run)}"
        if key not in self.nodes:
            record = self._record(run)
            facts = self.repo.records.get(record.facts, Facts)
            name = f"{key} {facts.name}" if facts.name else key
            self._node(key, "run", name, " ".join(facts.command))
            row = self.repo.catalog.run(run)
            for version in row.versions if row is not None else ():
                self._node(version, "version", version, "")
                self._arrow(key, version, "")
        return key

    def _node(self, key: str, kind: str, name: str, remark: str) -> str:
        if key not in self.nodes or (remark and not self.nodes[key].remark):
            self.nodes[key] = Node(key=key, kind=kind, name=name, remark=remark)
        return key

    def _arrow(self, source: str, target: str, by: str) -> None:
        self.arrows.append(Arrow(source=source, target=target, by=by))


def _together(leaves: list[Leaf]) -> str:
    from sestina.kernel.ids import sha256

    return short(sha256("".join(sorted(leaf.id for leaf in leaves)).encode()))
