"""Names as people type them: `fraud:7`, `run/4f2a91c0`, `tag/paper`, a word, the start of an id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sestina.errors import InvalidInput, Unsupported

RESERVED = frozenset({"run", "recipe", "data", "feature", "tag", "live"})
FEWEST_DIGITS = 6

_WORD = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_DIGITS = re.compile(r"[0-9a-f]{1,64}")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name taken apart.

    `kind`: `version` (model `word`, `number`), `run`, `recipe` (`word` is a name or the start of
    an id), `tag`, or `word`: a model, a run's name, or the start of an id, in that order.
    """

    kind: Literal["version", "run", "recipe", "tag", "word"]
    word: str
    number: int | None = None

    @property
    def may_be_id(self) -> bool:
        """Returns whether the word can be the start of an id."""
        fewest = FEWEST_DIGITS if self.kind == "word" else 1
        return len(self.word) >= fewest and _DIGITS.fullmatch(self.word) is not None


def parse(text: str) -> Name:
    """Returns the parts of a name; raises InvalidInput for what is none.

    Raises Unsupported for slots, datasets and feature sets, which are reserved.

    >>> parse("fraud:7")
    Name(kind='version', word='fraud', number=7)
    """
    if "@" in text or text.startswith(("data/", "feature/")):
        raise Unsupported(
            "unsupported/name",
            f"'{_shown(text)}' names a slot, a dataset or a feature set",
            why="this sestina resolves models, runs, recipes and tags",
        )
    prefix, slash, rest = text.partition("/")
    if slash:
        return _below(prefix, rest, text)
    model, colon, number = text.partition(":")
    if colon:
        if _WORD.fullmatch(model) is None or _NUMBER.fullmatch(number) is None:
            raise _no_name(text)
        return Name(kind="version", word=model, number=int(number))
    if _WORD.fullmatch(text) is None and _DIGITS.fullmatch(text) is None:
        raise _no_name(text)
    return Name(kind="word", word=text)


def checked(word: str, what: str) -> str:
    """Returns `word` if a model, run or tag may be called that; raises InvalidInput.

    >>> checked("fraud", "model")
    'fraud'
    """
    if _WORD.fullmatch(word) is None:
        raise InvalidInput(
            "invalid-input/name",
            f"'{_shown(word)}' cannot be the name of a {what}",
            why="a name is a lower-case letter and up to 62 letters, digits, '_' or '-'",
        )
    if word in RESERVED:
        raise InvalidInput(
            "invalid-input/name",
            f"'{word}' cannot be the name of a {what}",
            why=f"these words are reserved: {', '.join(sorted(RESERVED))}",
        )
    return word


def said(text: str, what: str) -> str:
    """Returns the text of a note or reason; raises InvalidInput where nothing is said."""
    if not text.strip():
        raise InvalidInput(
            "invalid-input/text", f"the {what} is empty", why="whoever reads it later needs a word"
        )
    return text


def _below(prefix: str, rest: str, text: str) -> Name:
    if prefix == "tag" and _WORD.fullmatch(rest):
        return Name(kind="tag", word=rest)
    if prefix == "run" and (_WORD.fullmatch(rest) or _DIGITS.fullmatch(rest)):
        return Name(kind="run", word=rest)
    if prefix == "recipe" and _DIGITS.fullmatch(rest):
        return Name(kind="recipe", word=rest)
    raise _no_name(text)


def _no_name(text: str) -> InvalidInput:
    return InvalidInput(
        "invalid-input/name",
        f"'{_shown(text)}' is not a name",
        why="names are MODEL:NUMBER, run/ID, recipe/ID, tag/NAME, a run's name, or digits of an id",
        hint="sestina log",
    )


def _shown(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii")[:100]
