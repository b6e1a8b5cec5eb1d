"""Questions about one value of a small convolution or pool, to be worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, final

from cnncalc.errors import Place
from cnncalc.homework.conventions import Conventions
from cnncalc.homework.marks import Mark
from cnncalc.homework.misconceptions.mistake import Mistake, WrongValue
from cnncalc.homework.parsed_cells import parse_cell
from cnncalc.homework.quiz.question import AbstractQuestion
from cnncalc.homework.quiz.random_network import Draw
from cnncalc.homework.sheet import SheetCell
from cnncalc.homework.verdicts import Expectation, Judgement, Verdict, judge

Matrix = tuple[tuple[int, ...], ...]

FLIPPED = Mistake(
    "V-FLIPPED",
    "the filter flipped",
    "Which weight meets the upper left value of the window?",
)
NOBIAS = Mistake("V-NOBIAS", "the bias left out", "What is added after the products?")
ONECHANNEL = Mistake("V-ONECHANNEL", "one channel alone", "How deep is the filter?")
NOPAD = Mistake("V-NOPAD", "the padding left out", "Where does the first window begin?")
NOSTRIDE = Mistake("V-NOSTRIDE", "stride 1", "How far does the window move at each step?")
ACROSS = Mistake("V-ACROSS", "pooled across the channels", "Does pooling work across channels?")
AVERAGE = Mistake("V-AVERAGE", "the average of the window", "What does a max pool keep?")
# The mistakes that must lead to numbers of their own, by the kind of layer.
KINDS: Final = {
    "conv": (FLIPPED, NOBIAS, ONECHANNEL, NOPAD, NOSTRIDE),
    "max_pool": (ACROSS, AVERAGE, NOSTRIDE),
}
_SIDES = {1: (2, 4, 2), 2: (3, 5, 2), 3: (3, 6, 3)}  # by level: kernel, image and depth
_NOWHERE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """A window on a small image.

    Attributes:
        kind: conv or max_pool.
        image: a matrix for each channel.
        weights: the filter's matrix for each channel; of a pool, none.
        bias: of the filter.
        kernel: the window's side.
        stride: along both axes.
        padding: zeros on each side.
        place: the row and the column of the output that are asked about, counted from 0.
        channel: of a pool, the channel that is asked about, counted from 0.
    """

    kind: str
    image: tuple[Matrix, ...]
    weights: tuple[Matrix, ...] = ()
    bias: int = 0
    kernel: int
    stride: int
    padding: int
    place: tuple[int, int]
    channel: int = 0

    def window(self, channel: int) -> list[int]:
        """Return the values that the window sees in a channel, row by row."""
        top, left = (n * self.stride - self.padding for n in self.place)
        matrix, side = self.image[channel], range(self.kernel)
        height, width = len(matrix), len(matrix[0])
        return [
            matrix[y][x] if 0 <= y < height and 0 <= x < width else 0
            for y in (top + i for i in side)
            for x in (left + j for j in side)
        ]

    def products(self) -> list[tuple[int, int]]:
        """Return each value that the window of a convolution sees, with its weight."""
        return [
            pair
            for channel, weights in enumerate(self.weights)
            for pair in zip(self.window(channel), (w for row in weights for w in row), strict=True)
        ]

    def value(self) -> int:
        """Return the value of the output."""
        if self.kind == "max_pool":
            return max(self.window(self.channel))
        return sum(value * weight for value, weight in self.products()) + self.bias

    def fits(self) -> bool:
        """Return whether the window lies in the padded image."""
        rows = len(self.image[0]) + 2 * self.padding, len(self.image[0][0]) + 2 * self.padding
        ends = (n * self.stride + self.kernel for n in self.place)
        return all(end <= size for end, size in zip(ends, rows, strict=True))


def _mistaken(right: Exercise) -> Iterator[tuple[Mistake, Exercise | int]]:
    """Yield each mistake with the exercise that it makes of this one, or the number."""
    yield NOSTRIDE, replace(right, stride=1)
    if right.kind == "max_pool":
        yield ACROSS, max(max(right.window(channel)) for channel in range(len(right.image)))
        window = right.window(right.channel)
        if sum(window) % len(window) == 0:
            yield AVERAGE, sum(window) // len(window)
        return
    flipped = tuple(tuple(row[::-1] for row in matrix[::-1]) for matrix in right.weights)
    yield FLIPPED, replace(right, weights=flipped)
    yield NOBIAS, replace(right, bias=0)
    yield ONECHANNEL, replace(right, weights=right.weights[:1])
    yield NOPAD, replace(right, padding=0)


def wrong_values(right: Exercise) -> list[WrongValue]:
    """Return the value of each mistake, then of each together with a bias that is left out."""
    found, together = [], []
    for mistake, made in _mistaken(right):
        if isinstance(made, int):
            found.append(WrongValue(made, (mistake,)))
        elif made.fits():
            found.append(WrongValue(made.value(), (mistake,)))
            if made.bias:
                both = replace(made, bias=0).value()
                together.append(WrongValue(both, (mistake, NOBIAS)))
    return [one for one in (*found, *together) if one.value != right.value()]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ValueQuestion(AbstractQuestion):
    """A question about a value of a small convolution or pool."""

    exercise: Exercise

    column = "value"
    conventions = Conventions()

    @property
    def answer(self) -> int:
        """Return the value."""
        return self.exercise.value()

    def wrong_values(self) -> list[WrongValue]:
        """Return the numbers that mistakes lead to."""
        return wrong_values(self.exercise)

    def mark(self, text: str) -> Mark:
        """Return the mark of an answer as it was written."""
        cell = SheetCell(text, _NOWHERE)
        one = self._blank(cell)
        if cell.blank:
            return one
        parsed = parse_cell(cell, self.column)
        if parsed.problem:
            found = Judgement(verdict=Verdict.UNREAD, note=parsed.problem)
        else:
            expected = Expectation(
                value=self.answer, alternatives=[], wrong_values=self.wrong_values
            )
            found = judge(parsed, expected, self.column, self.conventions.layout)
        right = found.verdict == Verdict.CORRECT
        return replace(
            one,
            verdict=found.verdict,
            mistakes=found.mistakes,
            note=found.note,
            points=one.most if right else one.points,
        )


def draw(draw: Draw, kind: str, level: int) -> Exercise:
    """Return an exercise that is drawn at random; its window may begin in the padding."""
    kernel, side, depth = _SIDES[level]
    stride, padding = 2, int(kind == "conv")
    extent = (side - kernel + 2 * padding) // stride + 1

    def matrix(side: int, values: range) -> Matrix:
        return tuple(tuple(draw.among(values) for _ in range(side)) for _ in range(side))

    conv = kind == "conv"
    return Exercise(
        kind=kind,
        image=tuple(matrix(side, range(10 if not conv else 5)) for _ in range(depth)),
        weights=tuple(matrix(kernel, range(-2, 4)) for _ in range(depth)) if conv else (),
        bias=draw.among(range(1, 6)) if conv else 0,
        kernel=kernel,
        stride=stride,
        padding=padding,
        place=(draw.among(range(extent)), draw.among(range(extent))),
        channel=0 if conv else draw.among(range(depth)),
    )
