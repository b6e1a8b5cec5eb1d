"""A layer in a figure's words: its colour's kind, its short phrase, and the window it slides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.figures.scene import LONGEST_TIP
from cnncalc.layers.base import Everything, axes

if TYPE_CHECKING:
    from cnncalc.layers.base import AbstractLayer
    from cnncalc.model.row import Row
    from cnncalc.volume import Volume

# Kinds of boxes; each has its colours.
INPUT, CONVOLUTION, POOLING, DENSE, OTHER = "input", "convolution", "pooling", "dense", "other"

_KINDS = {"convolution": CONVOLUTION, "pool": POOLING, "dense": DENSE}  # by a layer's family

# Words that are not the type's own, with its underscores as spaces.
_WORDS = {
    "fc": "fully connected",
    "local": "locally connected",
    "rbf": "RBF units",
    "batch_norm": "BN",
    "layer_norm": "LN",
    "group_norm": "GN",
    "instance_norm": "IN",
    "l2_norm": "L2 norm",
    "lrn": "LRN",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "leaky_relu": "leaky ReLU",
    "prelu": "PReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "mish": "Mish",
}


def kind(row: Row) -> str:
    """Return the kind of box that a layer is drawn as."""
    if row.layer is None:
        return INPUT
    return _KINDS.get(row.layer.family, OTHER)


def is_merge(row: Row) -> bool:
    """Return whether a layer makes one volume of several."""
    return row.layer is not None and row.layer.family == "merge"


def word(row: Row) -> str:
    """Return the short word for a layer's type: `max pool`, `BN`."""
    return _WORDS.get(row.type, row.type.replace("_", " "))


def by(numbers: tuple[int, ...]) -> str:
    """Return extents as figures write them: `3×3`."""
    return "×".join(map(str, numbers))


def volume(shape: Volume, layout: str = "hwc") -> str:
    """Return a volume as figures write it: `55×55×96`, or `96×55×55` under the layout chw."""
    first = layout == "chw"
    return by((shape.channels, *shape.extents) if first else shape.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliding:
    """A window as its layer's own settings give it, one number per axis."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    enlarges: bool  # transposed: the stride multiplies the extents

    @property
    def reach(self) -> tuple[int, ...]:
        """Return the extents that the window covers, the holes of its dilation included."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))


def sliding(row: Row) -> Sliding | None:
    """Return the window that a layer slides, None if it has none."""
    layer: Any = row.layer
    kernel = getattr(layer, "kernel", None)
    if kernel is None:
        return None
    count = len(row.inputs[0].extents)

    def each(name: str, default: Any) -> tuple[int, ...]:
        value = getattr(layer, name, None)
        return axes(default if value is None else value, count, name)

    return Sliding(
        kernel=each("kernel", kernel),
        stride=each("stride", kernel),  # a pool's stride is its kernel unless given
        dilation=each("dilation", 1),
        enlarges=row.type == "conv_transpose",
    )


def sees_everything(row: Row) -> bool:
    """Return whether each of a layer's outputs sees all of its input: fully connected, global."""
    layer: AbstractLayer | None = row.layer
    return layer is not None and layer.window(row.output, *row.inputs) is Everything


def channels_read(row: Row) -> float:
    """Return the share of the input's channels that one filter reads; 0: one channel."""
    if kind(row) != CONVOLUTION or row.type == "depthwise_conv":
        return 0.0
    return 1 / getattr(row.layer, "groups", 1)


def phrase(row: Row) -> str:
    """Return a layer's operation, as a graph's box has it: `3×3 conv, 128, /2`."""
    layer: Any = row.layer
    if layer is None:
        return "input"
    window = sliding(row)
    if window is None:
        return _unwindowed(row)
    size = by(window.kernel) if len(window.kernel) > 1 else f"kernel-{window.kernel[0]}"
    parts = [f"{size} {word(row)}"]
    parts += [str(layer.filters)] if hasattr(layer, "filters") else []
    if set(window.stride) != {1}:
        parts.append(f"{'×' if window.enlarges else '/'}{_alike(window.stride)}")
    return ", ".join(parts + _extras(row, window))


def how(row: Row) -> str:
    """Return how a layer makes its volume, as a label under a box has it."""
    window = sliding(row)
    if window is None:
        return "" if row.layer is None else _unwindowed(row, count=False)
    plain = "" if len(window.kernel) > 1 else "kernel "
    words = {"conv": plain, "max_pool": "max ", "avg_pool": "average ", "conv_transpose": "up "}
    head = words.get(row.type, f"{word(row).removesuffix(' conv')} ")
    parts = [f"{head}{by(window.kernel)}"]
    if set(window.stride) != {1}:
        parts.append(f"stride {_alike(window.stride)}")
    return ", ".join(parts + _extras(row, window))


def _extras(row: Row, window: Sliding) -> list[str]:
    parts = [f"dilation {_alike(window.dilation)}"] if set(window.dilation) != {1} else []
    groups = getattr(row.layer, "groups", 1)
    return parts + ([f"{groups} groups"] if groups > 1 else [])


def _unwindowed(row: Row, *, count: bool = True) -> str:
    layer: Any = row.layer
    text = word(row)
    if row.type == "upsample" and layer.scale is not None:
        return f"{text} ×{layer.scale if isinstance(layer.scale, int) else by(layer.scale)}"
    if row.type.startswith("adaptive"):
        return f"{text} to {by(row.output.extents)}"
    if row.type == "pixel_shuffle":
        return f"{text} ×{layer.scale}" if hasattr(layer, "scale") else text
    if count and kind(row) == DENSE:
        return f"{text}, {row.output.channels}"
    return text


def _alike(numbers: tuple[int, ...]) -> str:
    return str(numbers[0]) if len(set(numbers)) == 1 else by(numbers)


def tip(row: Row, layout: str = "hwc", more: str = "") -> str:
    """Return a layer's tooltip, in a sentence or two."""
    about = f": {row.description}" if row.description else ""
    text = f"{units.brief(row.name, 60)}{about}. {volume(row.output, layout)}."
    if row.parameters:
        text += f" {units.plural(row.parameters, 'parameter')}."
    if row.macs:
        text += f" {units.plural(row.macs, 'multiply-accumulate')}."
    return printable(units.brief(f"{text} {more}".rstrip(), LONGEST_TIP))
