"""The sheet: answers about a network, cell by cell, each with its place in the file.

Every reader of answers returns one; marking sees nothing else of a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cnncalc.errors import Place, Problem, UnknownNameError, did_you_mean

# The columns of sheets, in the order in which they are shown and marked.
COLUMNS = (
    "input",
    "output",
    "extents",
    "weights",
    "biases",
    "parameters",
    "macs",
    "flops",
    "additions",
    "activations",
    "memory",
    "receptive_field",
    "step",
    "working",
)

# The heads of columns as people write them: in lower case, letters, digits and # alone.
_HEADS = {
    "name": "layer|layername|layer#|layerno|layers|name|#|no|nr|stage|operation|op",
    "type": "type|layertype|kind|activation|layerkind",
    "settings": "settings|hyperparameters|hyperparams|configuration|config|description|details"
    "|specification|spec|filter|filters|kernel|filtersize|layerdescription|layerparameters",
    "input": "input|inputshape|inputsize|inputvolume|inputdimensions|inputdims|inputs",
    "output": "output|outputshape|outputsize|outputvolume|outputdimensions|outputdims|outputs"
    "|volume|shape|outshape|activationmapdimensions|activationmap|activationshape|featuremap"
    "|featuremapsize|featuremaps|dimensions|dims|activationvolume|volumeshape|activationdimensions"
    "|activationvolumedimensions|tensorshape|tensorsize",
    "extents": "spatialsize|spatial|extent|extents|width|height|hxw|wxh|spatialdimensions|size"
    "|spatialoutput|spatialextent",
    "weights": "weights|#weights|numberofweights|weightcount|numweights|noofweights|nweights"
    "|weightsonly",
    "biases": "biases|#biases|numberofbiases|bias|numbiases|noofbiases|#bias|nbiases",
    "parameters": "parameters|params|#params|#parameters|param#|numberofparameters|numberofparams"
    "|numparams|noofparameters|noofparams|nparams|param|parameter#|learnableparameters|trainable"
    "|trainableparameters|learnableparams|#param|parametercount|params#|totalparameters|count",
    "macs": "macs|mac|madds|multadds|multiplyaccumulates|macc|maccs|#macs|multiplications"
    "|numberofmacs",
    "flops": "flops|flop|#flops|numberofflops|cost|ops|gflops|mflops",
    "additions": "additions|adds|#additions|biasadditions",
    "activations": "activations|activationsize|neurons|#neurons|numberofneurons|units|values"
    "|memory|memoryvalues|#activations|numberofactivations|outputneurons|hiddenunits",
    "memory": "memorybytes|bytes|mem|memorymb|memorymib|activationmemory|storage",
    "receptive_field": "receptivefield|rf|receptive|fieldofview|receptivefieldsize|fov|field",
    "step": "step|jump|effectivestride|cumulativestride|totalstride",
    "working": "working|calculation|calculations|computation|formula|work|derivation|workings"
    "|howcalculated|explanation|rechnung",
}
LONGEST_HEAD = 200  # characters: the search for brackets takes their square
_COLUMN = {head: column for column, heads in _HEADS.items() for head in heads.split("|")}
_TOTALS = {"total", "totals", "sum", "overall", "network", "all", "model"}


_BLANK = {"", "-", "–", "—", "--", "n/a", "na", "none", "nil", "...", "…", "blank", "?"}


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One answer as it is written."""

    text: str
    place: Place
    unit: str = ""  # that the head of its column gives

    @property
    def blank(self) -> bool:
        """Return whether nothing was answered."""
        return self.text.strip().lower() in _BLANK


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a sheet: a layer as it is called there, and the answers about it."""

    name: str
    type: str  # as a file would call it; "" where the words name none
    cells: Mapping[str, SheetCell]  # by column
    place: Place
    # The layer itself where its words say it, as an element of a file.
    element: Mapping[str, Any] | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All answers of one file."""

    file: str
    rows: tuple[SheetRow, ...]
    columns: tuple[str, ...]  # that the sheet has, answered or not
    totals: Mapping[str, SheetCell] = field(default_factory=dict)  # `peak`: values alive at once
    order: SheetCell | None = None  # a claim about the order of layer types


def refuse_unknown(columns: Iterable[str]) -> None:
    """Raise an UnknownNameError for a column that no sheet has."""
    for column in columns:
        if column not in COLUMNS:
            message = (
                f"no column {column[:60]!r}.{did_you_mean(column, COLUMNS, foreign=False)} "
                f"There are: {', '.join(COLUMNS)}."
            )
            raise UnknownNameError(Problem("unknown_column", message))


@lru_cache(maxsize=4096)  # the heads of a class's sheets are alike
def column_of(head: str) -> str | None:
    """Return the column that a head means, or None; longer text is no head.

    >>> column_of("# Params"), column_of("Output Shape (HxWxC)"), column_of("MACs [M]")
    ('parameters', 'output', 'macs')
    """
    if len(head) > LONGEST_HEAD:
        return None
    for text in (head, re.sub(r"[(\[].*?[)\]]", "", head)):
        column = _COLUMN.get(re.sub(r"[^a-z0-9#]", "", text.lower()))
        if column:
            return column
    return None


def is_total(name: str) -> bool:
    """Return whether a row's name says that it is the total.

    >>> is_total("TOTAL:"), is_total("Total params"), is_total("conv1")
    (True, True, False)
    """
    words = re.findall(r"[a-z]+", name.lower())
    return bool(words) and words[0] in _TOTALS and "conv" not in words
