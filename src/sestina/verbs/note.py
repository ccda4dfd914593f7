"""`note`: words beside a name. Called with one text inside a run, they are about that run."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from sestina.records.answers_keeping import NoteAnswer
    from sestina.store.repo import Repo


@overload
def note(text: str, /) -> None: ...
@overload
def note(*, text: str) -> None: ...
@overload
def note(repo: Repo, name: str, text: str) -> NoteAnswer: ...


def note(
    repo: Repo | str | None = None, name: str | None = None, text: str | None = None
) -> NoteAnswer | None:
    """Returns the note `text` about `name`, now in the journal of `repo`.

    With a text alone, as in `sestina.note("first run on the June export")`, it is what programs
    call: it writes beside the run they are in, does nothing outside one, and returns nothing. It
    is the same `sestina.inside.note` that programs get whose environment has no sestina.

    Raises:
        ValueError: a note of a program is not text, or empty.
        TypeError: a note in a repo has no name or no text.
        NotFound: `name` is no name in `repo`.
    """
    if repo is None or isinstance(repo, str) or not hasattr(repo, "refs"):
        from sestina import inside

        inside.note(text if repo is None else repo)  # type: ignore[arg-type]
        return None
    from sestina.kernel import withhold
    from sestina.kernel.ids import RecordId
    from sestina.records.answers_keeping import NoteAnswer
    from sestina.records.entry import Effect
    from sestina.records.names import said
    from sestina.records.version import Note

    if name is None or text is None:
        raise TypeError("a note in a repo has a name and a text")
    text = withhold.without_secrets(said(text, "note"))
    target = repo.refs.resolve(name)
    record = repo.records.add(Note(about=RecordId(target.id), text=text))
    effect = Effect(kind="note", name=target.name, number=None, record=record)
    entry = repo.commit("note", [effect])
    return NoteAnswer(name=target.name, record=record, entry=entry.seq, text=text)
