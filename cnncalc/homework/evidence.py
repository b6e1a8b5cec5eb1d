"""Which of the mistakes that a wrong number is consistent with is the likeliest, by the sheet.

People make a mistake in every row where it shows. So the mistake that explains most of a sheet's
wrong answers stands first; then the one that fewest of its right answers speak against, as it
would have made them wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from cnncalc.homework.key import Key
from cnncalc.homework.marks import Mark, MarkedRow
from cnncalc.homework.misconceptions import letter
from cnncalc.homework.verdicts import Mistakes, Verdict, joined_code, neighbouring


def ranked(rows: Sequence[MarkedRow], key: Key) -> list[MarkedRow]:
    """Return rows with the mistakes of each answer in the order of their likelihood."""
    marks = [mark for row in rows for mark in row.marks.values()]
    doubtful = {
        joined_code(mistakes)
        for mark in marks
        if len(mark.mistakes) > 1
        for mistakes in mark.mistakes
    }
    if not doubtful:
        return list(rows)
    wrong = Counter(joined_code(mistakes) for mark in marks for mistakes in mark.mistakes)
    right = _spoken_against(marks, key, doubtful)

    def order(mistakes: Mistakes) -> tuple[int, bool, int]:
        code = joined_code(mistakes)
        return -wrong[code], neighbouring(mistakes), right[code]

    return [
        MarkedRow(row.name, {column: _sorted(one, order) for column, one in row.marks.items()})
        for row in rows
    ]


def _sorted(mark: Mark, order: Callable[[Mistakes], tuple[int, bool, int]]) -> Mark:
    if len(mark.mistakes) < 2:
        return mark
    return replace(mark, mistakes=tuple(sorted(mark.mistakes, key=order)))


def _spoken_against(marks: Sequence[Mark], key: Key, codes: set[str]) -> Counter[str]:
    """Return how many right answers each mistake would have made wrong."""
    indices: Mapping[str, int] = {case.row.name: i for i, case in enumerate(key.cases)}
    letters = {code[0] for code in codes}
    found: Counter[str] = Counter()
    for mark in marks:
        right = mark.verdict in (Verdict.CORRECT, Verdict.FOLLOWS) and mark.text.strip()
        if not right or mark.layer not in indices or letter(mark.column) not in letters:
            continue
        values = key.wrong_values(indices[mark.layer], mark.column)
        found.update(codes & {joined_code(mistakes) for _, mistakes in values})
    return found
