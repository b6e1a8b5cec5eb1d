"""What well-known tools count, each by its own source: tables of rules over a report's rows.

A tool's number is the sum of its rules. What no rule takes, the tool does not count. The tests
hold each table against what the tool itself says of the same networks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.layers import tags_of
from cnncalc.layers.base import Window

if TYPE_CHECKING:
    from cnncalc.model.report import Row

CONVS, DENSE, POOLS = tags_of("convolution"), tags_of("dense"), tags_of("pool")

# Facts about the tools: the modules that they have a rule for, where a family has more.
NORMS = ("batch_norm", "layer_norm", "group_norm", "instance_norm")
WINDOWED = ("max_pool", "avg_pool")
ADAPTIVE = ("adaptive_avg_pool", "global_avg_pool")
OLD_PTFLOPS = ("relu", "prelu", "elu", "leaky_relu", "relu6", "gelu")


class Rule(NamedTuple):
    """One line of a tool's sum: in words what it counts, of which types, and how many of a row.

    `words` is a phrase that can follow a number: `multiply-accumulates`.
    """

    words: str
    types: tuple[str, ...]
    count: Callable[[Row], int]

    def total(self, rows: Iterable[Row]) -> int:
        """Return the sum over the rows that run at inference."""
        return sum(self.count(row) for row in rows if row.type in self.types and not row.training)


class Tool(NamedTuple):
    """A tool's way of counting: the versions looked at, its rules, and where they stand.

    `what` is what the tool calls the number; `cost` how much it assumes that a quoted figure is
    this one, in the count of `sums`: more where these versions were short-lived or are new.
    """

    name: str
    versions: str
    what: str
    rules: tuple[Rule, ...]
    source: str
    note: str = ""
    cost: int = 2


# --- how many of a row, for one sample -------------------------------------------------------


def macs(row: Row) -> int:
    """Return the multiply-accumulates."""
    return row.macs


def outputs(row: Row) -> int:
    """Return the values of the output."""
    return row.output.size


def inputs(row: Row) -> int:
    """Return the values of the first input."""
    return row.inputs[0].size


def biases_added(row: Row) -> int:
    """Return the additions of biases: one at each output, where there are biases."""
    return row.output.size if row.biases else 0


def affine(row: Row) -> bool:
    """Return whether a normalization learns a factor and an offset."""
    return bool(row.weights)


def taps(row: Row) -> int:
    """Return the values under a pool's window, summed over its outputs."""
    windows = row.layer.window(row.output, *row.inputs) if row.layer else None
    if not isinstance(windows, tuple):
        return row.inputs[0].size
    kernels = [window.kernel for window in windows if isinstance(window, Window)]
    return math.prod(kernels) * row.output.size


def _side(row: Row) -> int:
    """Return a kernel's width if one number gives it, else the product of its sides."""
    kernel = getattr(row.layer, "kernel", 1)
    return kernel if isinstance(kernel, int) else math.prod(kernel)


def slid_everywhere(row: Row) -> int:
    """Return a convolution's weights once for each output: too many where it is transposed."""
    return row.weights * row.output.positions if row.type == "conv_transpose" else row.macs


def floored(row: Row) -> int:
    """Return, for each output of an adaptive pool, the inputs by the ratio rounded down, and 1."""
    extents = row.output.extents or (1,) * len(row.inputs[0].extents)
    ratios = zip(row.inputs[0].extents, extents, strict=True)
    return (math.prod(before // after for before, after in ratios) + 1) * row.output.size


def softmax_operations(row: Row) -> int:
    """Return n exponentials, n - 1 additions and n divisions for each vector of n."""
    return 3 * row.output.size - row.output.size // row.output.channels


def interpolated(nearest: int, linear: int) -> Callable[[Row], int]:
    """Return the count of an upsampling: so many an output, by its mode."""

    def count(row: Row) -> int:
        return row.output.size * (
            nearest if getattr(row.layer, "mode", "") == "nearest" else linear
        )

    return count


def each(n: int, of: Callable[[Row], int] = outputs) -> Callable[[Row], int]:
    """Return the count of `n` for each of what `of` counts."""
    return lambda row: n * of(row)


def normalized(with_affine: int, without: int) -> Callable[[Row], int]:
    """Return the count of a normalization: so many a value, with learned values or without."""
    return lambda row: row.output.size * (with_affine if affine(row) else without)


# --- the tools ---------------------------------------------------------------------------------

MACS = Rule("multiply-accumulates", (*CONVS, *DENSE), macs)
TWO_PER_MAC = Rule("2 operations for each multiply-accumulate", (*CONVS, *DENSE), each(2, macs))
BIASES = Rule("biases added, one at each output", (*CONVS, *DENSE), biases_added)
CONV_BIASES = Rule("biases of convolutions, one at each output", CONVS, biases_added)
SLID = Rule("multiply-accumulates", (*CONVS, *DENSE), slid_everywhere)
FLOORED = Rule(
    "average pools of a given size, (H1 // H2)·(W1 // W2) + 1 at each output",
    ADAPTIVE, floored,
)  # fmt: skip
SLIDES = "The filters of a transposed convolution are taken to visit every output position."

TOOLS = {
    "torchinfo": Tool(
        "torchinfo", "1.8.0", "Total mult-adds",
        (
            Rule("multiply-accumulates of convolutions", CONVS, slid_everywhere),
            CONV_BIASES,
            Rule(
                "parameters of FC layers, once", DENSE, lambda row: row.weights + row.biases
            ),
            Rule(
                "parameters of norms and PReLU, once", (*tags_of("norm"), "prelu"),
                lambda row: row.weights + row.biases,
            ),
        ),
        "torchinfo/layer_info.py, calculate_macs",
        SLIDES,
    ),
    "fvcore": Tool(
        "fvcore", "0.1.5", "FlopCountAnalysis.total()",
        (
            MACS,
            Rule("batch_norm, 2 for each value", ("batch_norm",), normalized(2, 1)),
            Rule(
                "norms, 5 for each value", ("layer_norm", "group_norm", "instance_norm"),
                normalized(5, 4),
            ),
            Rule("average pools of a given size, 1 for each input value", ADAPTIVE, inputs),
            Rule("upsampling, nearest 1 and linear 4 for each output", ("upsample",),
                 interpolated(1, 4)),
        ),
        "fvcore/nn/flop_count.py, fvcore/nn/jit_handles.py",
        "Biases, activation functions and other pools are left out; one without learned values "
        "counts 1 (batch_norm) or 4.",
    ),
    "ptflops": Tool(
        "ptflops", "0.7.2 to 0.7.5", "get_model_complexity_info, backend pytorch",
        (
            MACS,
            BIASES,
            Rule("relu, prelu, elu and gelu, 2 for each value", ("relu", "prelu", "elu", "gelu"),
                 each(2)),
            Rule("relu6, leaky_relu and silu, 1 for each value", ("relu6", "leaky_relu", "silu"),
                 outputs),
            Rule("pools, 2 for each input value", POOLS, each(2, inputs)),
            Rule("norms, 2 for each value", NORMS, normalized(2, 1)),
            Rule("upsampling, 2 for each output", ("upsample",), each(2)),
            Rule("softmax, 1 for each value", ("softmax",), outputs),
        ),
        "ptflops/pytorch_ops.py, MODULES_MAPPING and FUNCTIONAL_MAPPING",
        "Activation functions and pools are seen twice: as modules, and as the functions that "
        "those call.",
        cost=3,
    ),
    "ptflops-0.7.0": Tool(
        "ptflops", "up to 0.7.0", "get_model_complexity_info",
        (
            SLID,
            CONV_BIASES,
            Rule("biases of FC layers, once", DENSE, lambda row: row.biases),
            Rule("activation functions, 1 for each value", OLD_PTFLOPS, outputs),
            Rule("pools, 1 for each input value", POOLS, inputs),
            Rule("norms, 2 for each value", NORMS, normalized(2, 1)),
            Rule("upsampling, 1 for each output", ("upsample",), outputs),
        ),
        "ptflops/pytorch_ops.py, MODULES_MAPPING",
        f"{SLIDES} What a network calls as a function is not seen.",
    ),
    "ptflops-aten": Tool(
        "ptflops", "0.7.3 to 0.7.5", "get_model_complexity_info, backend aten",
        (MACS, BIASES),
        "ptflops/aten_ops.py",
    ),
    "thop": Tool(
        "thop", "0.1.1", "profile",
        (
            SLID,
            Rule("norms, 4 for each value", ("batch_norm", "layer_norm", "instance_norm"),
                 normalized(4, 2)),
            Rule("average pools, 1 for each output", ("avg_pool",), outputs),
            Rule("average pools of a given size, 1 for each input value and output", ADAPTIVE,
                 lambda row: row.inputs[0].size + row.output.size),
            Rule("PReLU, 1 for each value", ("prelu",), outputs),
            Rule("softmax, 3·n - 1 for n values", ("softmax",), softmax_operations),
            Rule("upsampling, nearest 1 and linear 11 for each output", ("upsample",),
                 interpolated(1, 11)),
        ),
        "thop/vision/basic_hooks.py, thop/vision/calc_func.py",
        f"{SLIDES} What a network calls as a function is not seen.",
    ),
    "thop-2020": Tool(
        "thop", "0.0.31 of May 2020", "profile",
        (
            SLID,
            CONV_BIASES,
            Rule("batch_norm, 2 for each value", ("batch_norm",), each(2)),
            Rule("average pools, 1 for each output", ("avg_pool",), outputs),
            FLOORED,
            Rule("leaky_relu, 1 for each value", ("leaky_relu",), outputs),
            Rule("upsampling, linear 11 for each output", ("upsample",), interpolated(0, 11)),
        ),
        "thop/vision/basic_hooks.py",
        SLIDES,
    ),
    "thop-2019": Tool(
        "thop", "0.0.23 and 0.0.31 of 2019", "profile",
        (
            Rule("multiply-accumulates of convolutions", CONVS, slid_everywhere),
            CONV_BIASES,
            Rule("FC layers, 2·n - 1 for n inputs", DENSE,
                 lambda row: 2 * row.macs - row.output.size if row.macs else 0),
            Rule("batch_norm, 4 for each value", ("batch_norm",), each(4)),
            Rule("average pools, K + 1 for each output", ("avg_pool",),
                 lambda row: (_side(row) + 1) * row.output.size),
            FLOORED,
            Rule("leaky_relu, 1 for each value", ("leaky_relu",), outputs),
            Rule("upsampling, linear 13 for each output", ("upsample",), interpolated(0, 13)),
        ),
        "thop/count_hooks.py",
        f"{SLIDES} Sums are in float32, right to seven digits.",
    ),
    "darknet": Tool(
        "darknet", "of AlexeyAB", "Total BFLOPS",
        (
            Rule("2 for each multiply-accumulate of convolutions", ("conv", "depthwise_conv"),
                 each(2, macs)),
            Rule("pools, K·K for each output", WINDOWED, taps),
            Rule("shortcuts, 1 for each output", ("add",),
                 lambda row: (len(row.inputs) - 1) * row.output.size),
        ),
        "src/convolutional_layer.c, maxpool_layer.c, shortcut_layer.c, parser.c",
        "FC layers are left out. The original darknet prints the lines of the convolutions alone.",
    ),
    "tensorflow": Tool(
        "Keras", "3.15 on TensorFlow 2.21", "tf.compat.v1.profiler, float_operation()",
        (
            TWO_PER_MAC,
            BIASES,
            Rule("batch_norm, 2 for each value", ("batch_norm",), each(2)),
            Rule("batch_norm, 6 for each channel", ("batch_norm",),
                 lambda row: 6 * row.output.channels),
            Rule("pools, K·K for each output", WINDOWED, taps),
            Rule("average pools over all, 1 for each input value", ("global_avg_pool",), inputs),
            Rule("merges, 1 for each output and further input", ("add", "multiply"),
                 lambda row: (len(row.inputs) - 1) * row.output.size),
            Rule("softmax, 5 for each value", ("softmax",), each(5)),
        ),
        "tensorflow/python/profiler/internal/flops_registry.py",
        "ReLU counts nothing. Keras itself counts no operations; of parameters, see below.",
    ),
}  # fmt: skip
