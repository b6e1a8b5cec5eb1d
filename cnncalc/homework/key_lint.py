"""Whether a teacher's own answers mix conventions: some right under one option, some under another.

Each answer may be right by itself, and a class marked against such a key would not be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cnncalc.homework.key import Key
from cnncalc.homework.marks import TOTAL, Mark
from cnncalc.homework.verdicts import Verdict

DECLARED = ""  # the option that the key declares, or that the file says


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedConvention:
    """A convention of which answers follow several options.

    Attributes:
        convention: its name.
        answers: by option, the answers that are right under it alone; "" is the declared option.
    """

    convention: str
    answers: Mapping[str, tuple[Mark, ...]]


def mixed_conventions(marks: Iterable[Mark], key: Key) -> tuple[MixedConvention, ...]:
    """Return the conventions that a key's own answers mix."""
    indices = {case.row.name: index for index, case in enumerate(key.cases)} | {TOTAL: -1}
    found: dict[str, dict[str, list[Mark]]] = {}
    for mark in marks:
        index = indices.get(mark.layer)
        if index is None or not mark.text.strip():
            continue
        for convention, option in _spoken_for(mark, index, key):
            found.setdefault(convention, {}).setdefault(option, []).append(mark)
    return tuple(
        MixedConvention(
            convention=convention,
            answers={option: tuple(several) for option, several in options.items()},
        )
        for convention, options in found.items()
        if len(options) > 1
    )


def _spoken_for(mark: Mark, index: int, key: Key) -> set[tuple[str, str]]:
    """Return the options that an answer is right under, of conventions that make a difference."""
    if mark.verdict == Verdict.CONVENTION:
        return {(change.convention, change.option) for change in mark.changes}
    if mark.verdict != Verdict.CORRECT:
        return set()
    alternatives = key.alternatives(index, mark.counted or mark.column)
    single = (one.changes[0] for one in alternatives if len(one.changes) == 1)
    return {(change.convention, DECLARED) for change in single}
