"""The suite that every ingredient passes, and observations made of plain folders to try one with.

Subclass `IngredientConformance` in a test module, give it an ingredient and two observations.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sestina.ingredients.claims import split
from sestina.ingredients.protocol import Ingredient
from sestina.records.answers import Change, Difference
from sestina.records.ingredient import CUSTODIES, NAMES, IngredientRef
from sestina.records.observation import FileKind, Observation, SeenFile
from sestina.records.paths import Roots
from sestina.records.settings import Settings

if TYPE_CHECKING:
    from sestina.store.repo import Repo

ARGV = ("python", "train.py")


def observe(folder: Path, kinds: Mapping[str, FileKind], /, **more: Any) -> Observation:
    """Returns an observation of files below `folder`, each with its kind; `more` are fields of it.

    Links are seen as links; a file that is not there is seen as gone.
    """
    given: dict[str, Any] = {
        "argv": ARGV,
        "script": len(ARGV),
        "folder": "project:",
        "roots": Roots(project=os.fsencode(folder)),
        "environ": {},
        "files": tuple(_seen(folder, name, kind) for name, kind in kinds.items()),
    }
    return Observation(**{**given, **more})


def _seen(folder: Path, name: str, kind: FileKind) -> SeenFile:
    path = os.path.join(os.fsencode(folder), os.fsencode(name))
    there = os.path.lexists(path)
    return SeenFile(
        path=Roots(project=os.fsencode(folder)).logical(path),
        real=path,
        at=path,
        kind=kind,
        rule="test",
        size=os.lstat(path).st_size if there else 0,
        executable=os.access(path, os.X_OK),
        link=os.readlink(path) if os.path.islink(path) else None,
        gone=not there,
    )


class IngredientConformance:
    """What every ingredient must do; collected by pytest in the subclasses that tests define.

    `observation` makes files below `folder` and returns what is seen of them; `altered` does the
    same with this ingredient changed and nothing else.
    """

    ingredient: Ingredient
    settings = Settings()

    def observation(self, folder: Path) -> Observation:
        """Returns an observation in which this ingredient holds something."""
        raise NotImplementedError

    def altered(self, folder: Path) -> Observation:
        """Returns the same with a change of this ingredient alone."""
        raise NotImplementedError

    # --- the suite ---------------------------------------------------------------------------

    def test_gathering_twice_gives_the_same_record(self, tmp_path: Path) -> None:
        """The record depends on what was seen, not on when or in which folder or order."""
        with _repo() as repo:
            here, there = _folder(tmp_path, "here"), _folder(tmp_path, "there")
            seen = self.observation(here)
            once = self._gather(seen, repo)
            assert once == self._gather(seen, repo)
            assert once == self._gather(replace(seen, files=seen.files[::-1]), repo)
            assert once == self._gather(self.observation(there), repo)

    def test_a_change_of_this_ingredient_changes_its_record_and_no_other(
        self, tmp_path: Path
    ) -> None:
        """The partition law, as a user meets it."""
        from sestina.ingredients.shelf import ORDER

        with _repo() as repo:
            before = split(self.observation(_folder(tmp_path, "a")), self.settings)
            after = split(self.altered(_folder(tmp_path, "b")), self.settings)
            differing = [
                room.name
                for room in ORDER
                if room.gather(before[room.name], repo) != room.gather(after[room.name], repo)
            ]
            assert differing == [self.ingredient.name]

    def test_nothing_seen_is_captured_and_empty(self, tmp_path: Path) -> None:
        """An ingredient of which there is nothing is known completely."""
        with _repo() as repo:
            seen = observe(tmp_path, {}, argv=(), script=0)
            ref = self._gather(seen, repo)
            assert ref.custody == "captured"
            assert ref == self._gather(seen, repo)
            self.ingredient.restore(ref.record, repo, tmp_path / "out")
            assert _files_below(tmp_path / "out") == []

    def test_custody_is_one_of_the_four(self, tmp_path: Path) -> None:
        """How well an ingredient is held has four words."""
        with _repo() as repo:
            seen = self.observation(_folder(tmp_path, "a"))
            assert self._gather(seen, repo).custody in CUSTODIES

    def test_a_record_does_not_differ_from_itself(self, tmp_path: Path) -> None:
        """Equal ids mean an empty diff."""
        with _repo() as repo:
            record = self._gather(self.observation(_folder(tmp_path, "a")), repo).record
            assert self.ingredient.diff(record, record, repo) == Difference(changes=())

    def test_a_difference_names_this_ingredient_and_is_sorted(self, tmp_path: Path) -> None:
        """The order of an answer never depends on the order of work."""
        with _repo() as repo:
            a, b = self._both(tmp_path, repo)
            changes = self.ingredient.diff(a, b, repo).changes
            assert changes
            assert {change.ingredient for change in changes} == {self.ingredient.name}
            assert [_place(change) for change in changes] == sorted(map(_place, changes))
            assert len({(_place(change), change.kind) for change in changes}) == len(changes)

    def test_a_difference_read_backwards_is_its_mirror(self, tmp_path: Path) -> None:
        """What was added one way was removed the other way."""
        mirror = {"added": "removed", "removed": "added", "changed": "changed", "moved": "moved"}
        with _repo() as repo:
            a, b = self._both(tmp_path, repo)
            there = self.ingredient.diff(a, b, repo).changes
            back = self.ingredient.diff(b, a, repo).changes
            assert sorted(mirror[change.kind] for change in there) == sorted(
                change.kind for change in back
            )
            for change in (*there, *back):
                assert (change.before is None) is (change.kind == "added")
                assert (change.after is None) is (change.kind == "removed")

    def test_a_description_is_short_and_shows_no_control_characters(self, tmp_path: Path) -> None:
        """A summary fits beside the name of its ingredient in 80 columns."""
        with _repo() as repo:
            record = self._gather(self.observation(_folder(tmp_path, "a")), repo).record
            told = self.ingredient.describe(record, repo)
            assert told.ingredient == self.ingredient.name
            assert self.ingredient.name in NAMES
            assert 0 < len(told.summary) <= 60
            for text in (told.summary, *(item.name + item.value for item in told.items)):
                assert text.isprintable()

    def test_restoring_all_six_gives_back_the_bytes_and_writes_nowhere_else(
        self, tmp_path: Path
    ) -> None:
        """What is claimed by one ingredient and what is left to another fit together again."""
        from sestina.ingredients.shelf import ORDER

        with _repo() as repo:
            here = _folder(tmp_path, "here")
            out = _folder(tmp_path, "guarded") / "out"
            seen = self.observation(here)
            parts = split(seen, self.settings)
            for room in ORDER:
                room.restore(room.gather(parts[room.name], repo).record, repo, out)
            for room in ORDER:  # a second time: nothing is in its own way
                room.restore(room.gather(parts[room.name], repo).record, repo, out)
            assert list((tmp_path / "guarded").iterdir()) in ([], [out])
            for file in seen.files:
                if file.kind in ("code", "config", "data") and file.path.startswith("project:"):
                    _assert_same(file, os.fsencode(out))

    # --- its tools ---------------------------------------------------------------------------

    def _gather(self, seen: Observation, repo: Repo) -> IngredientRef:
        return self.ingredient.gather(split(seen, self.settings)[self.ingredient.name], repo)

    def _both(self, folder: Path, repo: Repo) -> tuple[Any, Any]:
        before = self._gather(self.observation(_folder(folder, "before")), repo)
        after = self._gather(self.altered(_folder(folder, "after")), repo)
        return before.record, after.record


def _repo() -> Repo:
    from sestina.store.repo import Repo

    return Repo.open("memory:")


def _folder(above: Path, name: str) -> Path:
    folder = above / name
    folder.mkdir()
    return folder


def _files_below(folder: Path) -> list[str]:
    return [name for _, _, names in os.walk(folder) for name in names]


def _place(change: Change) -> tuple[str, str, str]:
    place = change.place
    return place.path or "", place.kind, place.name or ""


def _assert_same(file: SeenFile, out: bytes) -> None:
    from sestina.kernel import escape

    path = os.path.join(out, escape.to_bytes(file.path.partition(":")[2]))
    if file.link is not None:
        assert os.readlink(path) == file.link
        return
    with open(path, "rb") as restored, open(file.at, "rb") as original:
        assert restored.read() == original.read(), file.path
    assert os.access(path, os.X_OK) is file.executable
