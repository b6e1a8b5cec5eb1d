"""The worked arithmetic as JSON: exact numbers, fractions as text."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.explanation.records import Block
from cnncalc.writers import sentences

if TYPE_CHECKING:
    from cnncalc.explanation.records import BlockPart, Equation, Working
    from cnncalc.writers.explanation.equations import Equations

VERSION = 1


def write(content: Equations) -> str:
    """Return the document."""
    report = content.explanation.report
    document = {
        "format": "cnncalc explanation",
        "version": VERSION,
        "network": report.name,
        "title": report.title,
        "convention": report.convention,
        "batch": report.batch,
        "dtype": report.dtype,
        "layers": [_layer(working) for working in content.explanation.layers],
    }
    return json.dumps(document, indent=2) + "\n"


def _layer(working: Working) -> dict[str, Any]:
    row = working.row
    return {
        "name": row.name,
        "type": row.type,
        "description": row.description,
        "inputs": [str(volume) for volume in row.inputs],
        "output": str(row.output),
        **({"holds": [_part(part) for part in row.parts]} if isinstance(row, Block) else {}),
        "givens": dict(working.givens),
        "topics": [
            {"topic": derivation.name, "lines": [_equation(one) for one in derivation.equations]}
            for derivation in working.derivations
        ],
        "warnings": [
            sentences.lost_input(row, warning)
            for warning in row.warnings
            if warning.code == "lost_input" and not isinstance(row, Block)
        ],
    }


def _part(part: BlockPart) -> dict[str, Any]:
    counts = ("parameters", "flops")
    about = {"name": part.name, "description": part.description, "output": str(part.output)}
    return {**about, **{name: part.count(name) for name in counts}}


def _equation(equation: Equation) -> dict[str, Any]:
    return {
        "symbol": equation.symbol,
        "formula": equation.formula,
        "numbers": equation.numbers,
        "value": _exact(equation.value),
        "result": _exact(equation.result),
        "rounding": equation.rounding or None,
        "note": equation.unit or equation.note or None,
    }


def _exact(value: int | Fraction) -> int | str:
    return value if isinstance(value, int) else units.number(value)
