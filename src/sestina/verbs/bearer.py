"""What a name bears: the version, run and recipe behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sestina.errors import Refused
from sestina.records.ingredient import Span
from sestina.records.recipe import Recipe
from sestina.records.run import Run
from sestina.records.version import Version

if TYPE_CHECKING:
    from sestina.store.repo import Repo


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A resolved name. `version` is None for a run, `run` too for a recipe."""

    name: str
    recipe_id: str
    recipe: Recipe
    run_id: str | None
    run: Run | None
    version: Version | None

    def trees(self, repo: Repo) -> Iterator[tuple[str, str]]:
        """Yields (part, top tree): the model, the outputs, then code, data and params."""
        if self.version is not None:
            yield "model", self.version.files
        if self.run is not None:
            yield "outputs", self.run.outputs
        for part in ("code", "data", "params"):
            yield part, repo.records.get_any(getattr(self.recipe, part).record).files

    def spans(self, repo: Repo, file: str) -> Iterator[Span]:
        """Yields the spans of a file that another ingredient holds, in the order of filling in."""
        for name in ("features", "params", "seed"):
            for span in repo.records.get_any(getattr(self.recipe, name).record).spans:
                if span.file == file:
                    yield span


def bearer(repo: Repo, name: str) -> Bearer:
    """Returns what `name` bears; raises NotFound, and Refused for a record of another kind."""
    target = repo.refs.resolve(name)
    if target.kind not in ("version", "run", "recipe"):
        raise Refused(
            "refused/no-recipe",
            f"'{name}' has no recipe",
            why=f"it is a {target.kind}; versions, runs and recipes have one",
            hint=f"sestina show {target.name}",
        )
    version = repo.records.get(target.id, Version) if target.kind == "version" else None
    run_id = target.id if target.kind == "run" else version.run if version else None
    run = repo.records.get(run_id, Run) if run_id is not None else None
    if run is None and version is not None:
        raise Refused("refused/no-recipe", f"'{name}' has no recipe", why="no run made it")
    recipe_id = run.recipe if run is not None else target.id
    return Bearer(
        name=target.name,
        recipe_id=recipe_id,
        recipe=repo.records.get(recipe_id, Recipe),
        run_id=run_id,
        run=run,
        version=version,
    )
