"""The words after the script as options for people; which of them is a seed's value.

Nothing says how a program takes its words, so the customs of the common parsers decide: `--lr 0.1`,
`--lr=0.1`, `-x 1`, `a.b=1` and `+a.b=1` (Hydra), `VAR=1` (make), positionals, and `--`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sestina.ingredients.seed.names import is_seed_name
from sestina.records.ingredient import Setting

SEED_WORD = "<seed>"
"""Stands in params for the value of a seed option; the option's name says that it does."""

_NUMBER = re.compile(r"-(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_OPTION = re.compile(r"(--?[^\W\d][^\s=]*)(?:=(.*))?", re.DOTALL)
_OVERRIDE = re.compile(r"((?:\+{1,2}|~)?[^\W\d][\w./@-]*)=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Argument:
    """One option or positional: `words` are its own; `value` is None for a flag."""

    name: str
    value: str | None
    words: tuple[str, ...]

    @property
    def is_seed(self) -> bool:
        """Returns whether the value is a seed's."""
        return self.value is not None and is_seed_name(
            self.name.partition("#")[0].rpartition(".")[2]
        )


def arguments(words: Sequence[str]) -> tuple[Argument, ...]:
    """Returns the options and positionals of a command, in its order.

    Positionals are named by their place, an option that is given again gets a number.

    >>> [(found.name, found.value) for found in arguments(["--lr", "0.1", "-v", "--n=3", "a.csv"])]
    [('--lr', '0.1'), ('-v', None), ('--n', '3'), ('1', 'a.csv')]
    """
    seen: Counter[str] = Counter()
    found = []
    for part in _parts(words):
        seen[part.name] += 1
        again = seen[part.name]
        positional = not part.name
        name = str(again) if positional else part.name if again == 1 else f"{part.name}#{again}"
        found.append(Argument(name, part.value, part.words))
    return tuple(found)


def without_seeds(words: Sequence[str]) -> tuple[str, ...]:
    """Returns the words with the values of seed options replaced.

    >>> without_seeds(["--seed", "17", "--lr=0.1", "random_state=3"])
    ('--seed', '<seed>', '--lr=0.1', 'random_state=<seed>')
    """
    kept: list[str] = []
    for part in arguments(words):
        if not part.is_seed:
            kept += part.words
        elif len(part.words) > 1:
            kept += [*part.words[:-1], SEED_WORD]
        else:
            kept.append(f"{part.words[0].partition('=')[0]}={SEED_WORD}")
    return tuple(kept)


def seeds(words: Sequence[str]) -> tuple[Setting, ...]:
    """Returns the seed options and their values, in the order of the command.

    >>> [seed.value for seed in seeds(["--seed", "17"])]
    ['17']
    """
    return tuple(
        Setting(name=part.name, value=part.value) for part in arguments(words) if part.is_seed
    )


def _parts(words: Sequence[str]) -> list[Argument]:
    found: list[Argument] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            found.append(Argument("--", None, (word,)))
            found += [Argument("", rest, (rest,)) for rest in words[at + 1 :]]
            break
        part = _part(word, words[at + 1] if at + 1 < len(words) else None)
        found.append(part)
        at += len(part.words)
    return found


def _part(word: str, following: str | None) -> Argument:
    option = None if _NUMBER.fullmatch(word) else _OPTION.fullmatch(word)
    if not option:
        override = _OVERRIDE.fullmatch(word)
        return (
            Argument(override[1], override[2], (word,)) if override else Argument("", word, (word,))
        )
    if option[2] is not None:
        return Argument(option[1], option[2], (word,))
    takes = following is not None and (
        not following.startswith("-") or _NUMBER.fullmatch(following) is not None
    )
    if takes and following is not None and not _OVERRIDE.fullmatch(following):
        return Argument(option[1], following, (word, following))
    return Argument(option[1], None, (word,))
