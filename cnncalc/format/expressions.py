"""The expression language of the file: whole numbers, decimals, words and lists.

An expression is parsed once, by Python's own parser held to a white list, into nested
functions; nothing is ever handed to `eval`. Values are ints, Fractions, true or false, words
(names of layer types and blocks) and tuples of these. Every step is bounded in size; what has
more digits than is kept exactly is the nearest double (`decimals.kept`).
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.errors import as_written
from cnncalc.format import decimals
from cnncalc.format.bounds import MAX_EXPONENT, MAX_EXPRESSION, NUMBERS_BELOW

Value = Any  # int | Fraction | bool | Word | tuple[Value, ...]
Scope = Mapping[str, Value]

_NUMBER = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SPECIAL = ("channels", "index", "input")
RESERVED = {"true", "false", "null", "and", "or", "not", "in", "if", "else"}


class Word(str):
    """The name of a layer type or a block, as a value."""

    __slots__ = ()


class ExpressionError(Exception):
    """An expression cannot be parsed or evaluated: one sentence, without its place."""


class UndefinedName(ExpressionError):
    """An expression looks up a name that has no value where it is evaluated."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"unknown name {name!r}")


class Expression(NamedTuple):
    """A parsed expression."""

    names: frozenset[str]  # that it looks up in a scope
    evaluate: Callable[[Scope], Value]


def parse(text: str) -> Expression:
    """Return the expression that `text` stands for.

    Raises: ExpressionError if it is too long or not in the language.

    >>> parse("4 * width").evaluate({"width": 64})
    256
    """
    if len(text) > MAX_EXPRESSION:
        raise ExpressionError(
            f"an expression has at most {MAX_EXPRESSION} characters. Received {len(text):,}"
        )
    if not text.isascii() or "#" in text:  # which Python would take for a remark
        raise ExpressionError(f"not an expression{bracket_hint(text)}. Received {text[:60]!r}")
    source = text.strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "1if x" and the like: refused below anyway
            tree = ast.parse(source, mode="eval").body
        names: set[str] = set()
        function = _compile(tree, source, names)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ExpressionError(
            f"not an expression{bracket_hint(text)}. Received {text[:60]!r}"
        ) from None
    return Expression(frozenset(names), function)


def arithmetic(text: str) -> int | Fraction:
    """Return the value of arithmetic without any names.

    Raises: ExpressionError if it is anything else, or too large.

    >>> arithmetic("(11*11*3 + 1)*96")
    34944
    """
    expression = parse(text)
    if expression.names:
        raise ExpressionError(f"only numbers can stand here. Received {text[:60]!r}")
    value = expression.evaluate({})
    if not is_number(value):
        raise ExpressionError(f"not a number. Received {text[:60]!r}")
    number: int | Fraction = value
    return number


def is_number(value: Value) -> bool:
    """Return whether a value is a number (true and false are not)."""
    return type(value) is int or type(value) is Fraction


def bounded(number: int | Fraction) -> int | Fraction:
    """Return a number that is within bounds, as an int if it is whole.

    Raises: ExpressionError if it is 2^63 or more.
    """
    result = number
    if isinstance(number, Fraction) and -NUMBERS_BELOW < number < NUMBERS_BELOW:
        result = decimals.kept(number)
    if -NUMBERS_BELOW < result < NUMBERS_BELOW:
        return result
    raise ExpressionError("a number is out of bounds: it must be below 2^63")


def bracket_hint(text: str) -> str:
    """Return a hint at an unpaired bracket in a text; empty if there is none."""
    for opening, closing in ("()", "[]", "{}"):
        if text.count(opening) != text.count(closing):
            return (
                f" ({opening if text.count(opening) > text.count(closing) else closing} is "
                "unpaired: inside { } or [ ] an expression with a comma or a bracket wants quotes)"
            )
    return ""


def _number(value: Value, what: str) -> int | Fraction:
    if type(value) is int or type(value) is Fraction:
        return value
    raise ExpressionError(f"{what} needs numbers. Received {as_written(value)}")


def _whole(value: Value, what: str) -> int:
    if type(value) is int:
        return value
    raise ExpressionError(f"{what} needs a whole number. Received {as_written(value)}")


def _truth(value: Value, what: str) -> bool:
    if value is True or value is False:
        return value
    raise ExpressionError(f"{what} needs true or false. Received {as_written(value)}")


def _kind(value: Value) -> type:
    return int if type(value) is Fraction else type(value)


def _equal(left: Value, right: Value) -> bool:
    if _kind(left) is not _kind(right):
        raise ExpressionError(f"cannot compare {as_written(left)} with {as_written(right)}")
    return bool(left == right)


def _contains(item: Value, values: Value) -> bool:
    if type(values) is not tuple:
        raise ExpressionError(f"'in' needs a list. Received {as_written(values)}")
    return any(_kind(item) is _kind(value) and item == value for value in values)


def _power(base: Any, exponent: Any) -> Any:
    if type(exponent) is not int or not 0 <= exponent <= MAX_EXPONENT:
        message = f"an exponent is a whole number from 0 to {MAX_EXPONENT}."
        raise ExpressionError(f"{message} Received {as_written(exponent)}")
    return base**exponent


def _divide(left: Any, right: Any) -> Any:
    return Fraction(left) / right


def make_divisible(x: int | Fraction, d: int | Fraction = 8) -> int:
    """Return the multiple of d nearest to x, ties upwards, at least d, never under 9/10 x.

    Source: the reference code of Howard et al. 2017 (MobileNets), `_make_divisible`.

    >>> make_divisible(37), make_divisible(11)
    (40, 16)
    """
    if type(d) is not int or d < 1:
        raise ExpressionError(
            f"make_divisible needs a whole d of at least 1. Received {as_written(d)}"
        )
    nearest = max(d, math.floor(Fraction(x) / d + Fraction(1, 2)) * d)
    return nearest if 10 * nearest >= 9 * x else nearest + d


def _numbers(name: str, arguments: tuple[Value, ...]) -> list[int | Fraction]:
    if len(arguments) == 1 and type(arguments[0]) is tuple:
        arguments = arguments[0]
    if not arguments and name != "sum":
        raise ExpressionError(f"{name} needs at least one number")
    return [_number(value, name) for value in arguments]


def _length(value: Value) -> int:
    if type(value) is not tuple:
        raise ExpressionError(f"len needs a list. Received {as_written(value)}")
    return len(value)


def _single(function: Callable[[Any], Any], name: str) -> Callable[..., Value]:
    return lambda value: function(_number(value, name))


class Function(NamedTuple):
    """A function of the language: a line of the table below."""

    least: int  # arguments
    most: int
    apply: Callable[..., Value]


FUNCTIONS = {
    "min": Function(1, MAX_EXPRESSION, lambda *values: min(_numbers("min", values))),
    "max": Function(1, MAX_EXPRESSION, lambda *values: max(_numbers("max", values))),
    "sum": Function(1, MAX_EXPRESSION, lambda *values: sum(_numbers("sum", values))),
    "len": Function(1, 1, _length),
    "ceil": Function(1, 1, _single(math.ceil, "ceil")),
    "floor": Function(1, 1, _single(math.floor, "floor")),
    "round": Function(1, 1, _single(round, "round")),
    "make_divisible": Function(
        1,
        2,
        lambda *values: make_divisible(*[_number(value, "make_divisible") for value in values]),
    ),
}

_BINARY: dict[type, tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", _divide),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", _power),
}

_ORDER: dict[type, tuple[str, Callable[[Any, Any], bool]]] = {
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}

_MEMBERSHIP: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: _equal,
    ast.NotEq: lambda left, right: not _equal(left, right),
    ast.In: _contains,
    ast.NotIn: lambda left, right: not _contains(left, right),
}

Evaluation = Callable[[Scope], Value]
"""A compiled expression: its value in a scope."""


def _compile(node: ast.expr, source: str, names: set[str]) -> Evaluation:
    """Return the function of a scope for one node of the parse, adding to `names`."""
    compiler = _COMPILERS.get(type(node))
    if compiler is None:
        raise SyntaxError
    return compiler(node, source, names)


def _constant(node: Any, source: str, names: set[str]) -> Evaluation:
    if type(node.value) is bool:
        raise ExpressionError(f"write true or false, in small letters. Received {node.value}")
    if type(node.value) not in (int, float):
        raise SyntaxError
    written = source[node.col_offset : node.end_col_offset]
    if not _NUMBER.fullmatch(written):
        raise ExpressionError(f"write numbers in decimal, as in JSON. Received {written[:60]!r}")
    value = decimal(written)
    return lambda scope: value


def decimal(written: str) -> int | Fraction:
    """Return a decimal number as written (`1.1` is 11/10), or the nearest double if it is long.

    Raises: ExpressionError if it is out of bounds.
    """
    try:
        return bounded(decimals.parse(written))
    except OverflowError:
        raise ExpressionError("a number is out of bounds: it must be below 2^63") from None


def _name(node: Any, source: str, names: set[str]) -> Evaluation:
    name = node.id
    if name in ("true", "false"):
        truth = name == "true"
        return lambda scope: truth
    names.add(name)

    def look_up(scope: Scope) -> Value:
        try:
            return scope[name]
        except KeyError:
            raise UndefinedName(name) from None

    return look_up


def _attribute(node: Any, source: str, names: set[str]) -> Evaluation:
    if not (
        isinstance(node.value, ast.Name) and node.value.id == "input" and node.attr == "channels"
    ):
        raise SyntaxError
    names.add("input.channels")
    return lambda scope: scope["input.channels"]


def _binary(node: Any, source: str, names: set[str]) -> Evaluation:
    if type(node.op) not in _BINARY:
        raise SyntaxError
    sign, function = _BINARY[type(node.op)]
    left, right = _compile(node.left, source, names), _compile(node.right, source, names)

    def apply(scope: Scope) -> Value:
        try:
            return bounded(function(_number(left(scope), sign), _number(right(scope), sign)))
        except ZeroDivisionError:
            raise ExpressionError("division by zero") from None

    return apply


def _unary(node: Any, source: str, names: set[str]) -> Evaluation:
    operand = _compile(node.operand, source, names)
    if isinstance(node.op, ast.Not):
        return lambda scope: not _truth(operand(scope), "not")
    if isinstance(node.op, ast.USub):
        return lambda scope: -_number(operand(scope), "-")
    raise SyntaxError


def _boolean(node: Any, source: str, names: set[str]) -> Evaluation:
    parts = [_compile(value, source, names) for value in node.values]
    if isinstance(node.op, ast.And):
        return lambda scope: all(_truth(part(scope), "and") for part in parts)
    return lambda scope: any(_truth(part(scope), "or") for part in parts)


def _ordered(sign: str, order: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: order(_number(left, sign), _number(right, sign))


def _compare(node: Any, source: str, names: set[str]) -> Evaluation:
    parts = [_compile(part, source, names) for part in (node.left, *node.comparators)]
    tests: list[Callable[[Any, Any], bool]] = []
    for kind in map(type, node.ops):
        if kind in _ORDER:
            sign, order = _ORDER[kind]
            tests.append(_ordered(sign, order))
        elif kind in _MEMBERSHIP:
            tests.append(_MEMBERSHIP[kind])
        else:
            raise SyntaxError

    def apply(scope: Scope) -> bool:
        left = parts[0](scope)
        for part, test in zip(parts[1:], tests, strict=True):
            right = part(scope)
            if not test(left, right):
                return False
            left = right
        return True

    return apply


def _conditional(node: Any, source: str, names: set[str]) -> Evaluation:
    test, yes, no = (_compile(part, source, names) for part in (node.test, node.body, node.orelse))
    return lambda scope: yes(scope) if _truth(test(scope), "if") else no(scope)


def _call(node: Any, source: str, names: set[str]) -> Evaluation:
    if not isinstance(node.func, ast.Name) or node.keywords:
        raise SyntaxError
    name = node.func.id
    if name not in FUNCTIONS:
        from cnncalc.errors import did_you_mean

        raise ExpressionError(
            f"unknown function {name!r}.{did_you_mean(name, FUNCTIONS)}".rstrip(".")
        )
    function = FUNCTIONS[name]
    if not function.least <= len(node.args) <= function.most:
        raise ExpressionError(f"{name} has another number of arguments. Received {len(node.args)}")
    arguments = [_compile(argument, source, names) for argument in node.args]

    def apply(scope: Scope) -> Value:
        value = function.apply(*[argument(scope) for argument in arguments])
        return bounded(value) if is_number(value) else value

    return apply


def _subscript(node: Any, source: str, names: set[str]) -> Evaluation:
    values, index = _compile(node.value, source, names), _compile(node.slice, source, names)

    def apply(scope: Scope) -> Value:
        items, number = values(scope), _whole(index(scope), "an index")
        if type(items) is not tuple:
            raise ExpressionError(f"only a list has elements. Received {as_written(items)}")
        if not 0 <= number < len(items):
            raise ExpressionError(f"a list of {len(items)} has no element {number}")
        return items[number]

    return apply


def _list(node: Any, source: str, names: set[str]) -> Evaluation:
    parts = [_compile(element, source, names) for element in node.elts]
    return lambda scope: tuple(part(scope) for part in parts)


_COMPILERS: dict[type, Callable[[Any, str, set[str]], Evaluation]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.List: _list,
}
