"""`note`: words beside a name. Called with one text inside a run, they are about that run."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from sestina.records.answers_keeping import NoteAnswer
    from sestina.store.repo import Repo


@overload
def note(repo: str, /) -> None: ...
@overload
def note(repo: Repo, name: str, text: str) -> NoteAnswer: ...


def note(repo: Repo | str, name: str | None = None, text: str | None = None) -> NoteAnswer | None:
    """Returns the note `text` about `name`, now in the journal of `repo`.

    `sestina.note("first run on the June export")`, from a program that runs under `sestina run`,
    writes beside the run itself and returns nothing.
    """
    if isinstance(repo, str):
        from sestina import inside

        inside.note(repo)
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
