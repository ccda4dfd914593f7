"""What became of each path in a run: the events, folded path by path."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass, field

from sestina.capture.observer import Event, Stat


@dataclass(slots=True)
class Life:
    """One path from the run's first touch to its last.

    `read`: it was there and was opened for reading (or executed) before the run changed it, with
    the stat `opened`. `read_later`: the run read what it had written itself. `kept` is a copy of
    the bytes from before the first change; `now` is where an unchanged file was moved to. `after`
    is what it was when the run had ended, where somebody has looked already.
    """

    path: bytes
    read: bool = False
    read_later: bool = False
    opened: Stat | None = None
    executed: bool = False
    listed: bool = False
    missing: bool = False
    changed: bool = False
    existed: bool = False
    appended_only: bool = False
    before_append: Stat | None = None
    updated: bool = False
    link_made: bool = False
    link_to: bytes = b""
    linked: bool = False
    gone: bool = False
    kept: bytes = b""
    now: bytes = b""
    after: Stat | None = None
    origin: Life | None = None
    pids: set[int] = field(default_factory=set)

    @property
    def written(self) -> bool:
        """Whether the run put bytes or a link here."""
        return self.changed or self.link_made


class Lives:
    """The lives of all paths of a trace, in the order in which they were first touched."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.by_path: dict[bytes, Life] = {}
        for event in events:
            life = self._at(event.path)
            life.pids.add(event.pid)
            _FOLD[event.op](self, life, event)
        self._look_through_passing_links()

    def all(self) -> list[Life]:
        """Returns every life."""
        return list(self.by_path.values())

    def grown_and_read(self) -> list[Life]:
        """Returns files from before the run that it appended to, and read only after that."""
        return [
            life
            for life in self.by_path.values()
            if life.appended_only and life.read_later and not life.read and life.before_append
        ]

    def written_inodes(self) -> set[tuple[int, int]]:
        """Returns (dev, ino) of every file that the run wrote and that is still there."""
        from sestina.capture.sightings import stat_of

        written = (life for life in self.by_path.values() if life.changed and not life.origin)
        found = (stat_of(life.path) for life in written)
        return {(held[0], held[1]) for held in found if held and stat.S_ISREG(held[5])}

    def _at(self, path: bytes) -> Life:
        life = self.by_path.get(path)
        if life is None:
            life = self.by_path[path] = Life(path)
        return life

    # --- one method per kind of event --------------------------------------------------------

    def _read(self, life: Life, event: Event) -> None:
        if event.stat is None:
            life.missing = life.missing or not life.written
        elif life.changed and not life.gone:
            life.read_later = True
            if life.origin is not None:
                _mark_read(life.origin, event.stat)
        else:
            _mark_read(life, event.stat)

    def _exec(self, life: Life, event: Event) -> None:
        self._read(life, event)
        life.executed = life.executed or event.stat is not None

    def _list(self, life: Life, event: Event) -> None:
        if event.stat is None:
            life.missing = True
        else:
            life.listed = True

    def _write(self, life: Life, event: Event) -> None:
        self._change(life, event)

    def _append(self, life: Life, event: Event) -> None:
        only = life.appended_only or (not life.changed and event.stat is not None)
        before = life.before_append or event.stat
        self._change(life, event)
        if only:
            life.appended_only, life.before_append = True, before

    def _readwrite(self, life: Life, event: Event) -> None:
        if event.stat is not None:
            if life.changed and not life.gone:
                life.read_later = True
            else:
                _mark_read(life, event.stat)
                life.updated = not life.changed
        updated = life.updated
        self._change(life, event)
        life.updated = updated

    def _unlink(self, life: Life, event: Event) -> None:
        if event.stat is None and not life.written:
            return
        if event.kept and not life.kept:
            life.kept = event.kept
        life.existed = life.existed or not life.written
        life.gone = True

    def _rename(self, life: Life, event: Event) -> None:
        if event.stat is None and not life.written:
            return
        if event.stat is not None and stat.S_ISDIR(event.stat[5]):
            self._move_folder(event)
            return
        self._move(life, event.other, event)

    def _move_folder(self, event: Event) -> None:
        inside = event.path + b"/"
        for path, life in list(self.by_path.items()):
            if path.startswith(inside) and not life.gone:
                self._move(life, event.other + b"/" + path[len(inside) :], event)

    def _move(self, life: Life, other: bytes, event: Event) -> None:
        target = self._at(other)
        target.pids.add(event.pid)
        if not life.written and event.path != life.path and not life.read:
            return  # a folder that holds it was moved; the run never saw the file itself
        target.existed = target.existed or (bool(event.kept) and not target.written)
        if event.kept and not target.kept and not target.written:
            target.kept = event.kept
        if life.link_made:
            target.link_made = True
        else:
            target.changed = True
        target.gone = False
        target.appended_only = target.updated = False
        target.read_later = target.read_later or life.read_later
        if not life.written:
            target.origin = life
            life.now = other
            life.existed = True
        life.gone = True

    def _link(self, life: Life, event: Event) -> None:
        target = self._at(event.other)
        target.changed = True
        target.gone = False
        life.linked = True
        if not life.written and event.stat is not None:
            target.origin = life

    def _symlink(self, life: Life, event: Event) -> None:
        target = self._at(event.other)
        target.link_made = True
        target.link_to = event.path
        target.gone = False

    def _look_through_passing_links(self) -> None:
        """Marks as read what links led to that the run made and took away again.

        Under the name that was used nothing is there any more, nor was before the run.
        """
        links = {life.path: life.link_to for life in self.all() if life.link_to and life.gone}
        for life in self.all() if links else ():
            true = _through(links, life.path)
            if life.read and life.opened and true != life.path:
                life.read = False
                self._read(
                    self._at(true), Event(min(life.pids), "read", true, b"", life.opened, b"")
                )

    def _change(self, life: Life, event: Event) -> None:
        if not life.written:
            life.existed = event.stat is not None
        if event.kept and not life.kept:
            life.kept = event.kept
            if life.origin is not None and not life.origin.kept:
                life.origin.kept = event.kept
        life.origin = None
        life.changed = True
        life.gone = False
        life.appended_only = life.updated = False


def _through(links: dict[bytes, bytes], path: bytes) -> bytes:
    """Returns the path behind links, each followed once: a circle was never opened."""
    left = dict(links)
    head = path
    while head:
        if head in left:
            path = head = left.pop(head) + path[len(head) :]
        else:
            head = head.rpartition(b"/")[0]
    return path


def _mark_read(life: Life, seen: Stat) -> None:
    life.read = True
    if life.opened is None:
        life.opened = seen


_FOLD = {
    "read": Lives._read,
    "write": Lives._write,
    "truncate": Lives._write,
    "append": Lives._append,
    "readwrite": Lives._readwrite,
    "list": Lives._list,
    "exec": Lives._exec,
    "rename": Lives._rename,
    "unlink": Lives._unlink,
    "link": Lives._link,
    "symlink": Lives._symlink,
}
