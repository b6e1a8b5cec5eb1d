"""The rules by which well-known tools count, each by its own source.

A tool's number is the sum of its rules. What no rule takes, the tool does not count. The tests
hold each table against what the tool itself says of the same networks.
"""

from __future__ import annotations

from dataclasses import dataclass

from cnncalc.layers import tags_of
from cnncalc.reconciling.rules import (
    CONVS,
    DENSE,
    POOLS,
    Rule,
    biases_added,
    each,
    floored_windows,
    inputs,
    interpolated,
    kernel_side,
    macs,
    normalized,
    outputs,
    slid_everywhere,
    softmax_operations,
    window_values,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """How a tool counts operations."""

    name: str
    versions: str  # that were looked at
    number: str  # what the tool calls its result
    rules: tuple[Rule, ...]
    source: str  # where the rules stand in the tool's source
    note: str = ""
    # Networks call pools over all positions as functions, or write them as means: tools that see
    # modules alone, or have no rule for a mean, miss them.
    may_miss_pools: bool = False
    # More where these versions were short-lived or are new: fewer figures are theirs.
    assumptions: int = 1


# Facts about the tools: the modules that they have a rule for, where a family has more.
NORMS = ("batch_norm", "layer_norm", "group_norm", "instance_norm")
WINDOWED = ("max_pool", "avg_pool")
ADAPTIVE = ("adaptive_avg_pool", "global_avg_pool")
OLD_PTFLOPS = ("relu", "prelu", "elu", "leaky_relu", "relu6", "gelu")

MACS = Rule("multiply-accumulates", (*CONVS, *DENSE), macs)
TWO_PER_MAC = Rule("2 operations for each multiply-accumulate", (*CONVS, *DENSE), each(2, macs))
BIASES = Rule("biases added, one at each output", (*CONVS, *DENSE), biases_added)
CONV_MACS = Rule("multiply-accumulates of convolutions", CONVS, slid_everywhere)
CONV_BIASES = Rule("biases of convolutions, one at each output", CONVS, biases_added)
SLID = Rule("multiply-accumulates", (*CONVS, *DENSE), slid_everywhere)
FLOORED = Rule(
    "average pools of a given size, (H1 // H2)·(W1 // W2) + 1 at each output",
    ADAPTIVE,
    floored_windows,
)
AVERAGES = Rule("average pools, 1 for each output", ("avg_pool",), outputs)
LEAKY_RELU = Rule("leaky_relu, 1 for each value", ("leaky_relu",), outputs)
SLIDES = "The filters of a transposed convolution are taken to visit every output position."
FUNCTIONS = "What a network calls as a function is not seen."

TOOLS = {
    "torchinfo": Tool(
        name="torchinfo",
        versions="1.8.0",
        number="Total mult-adds",
        rules=(
            CONV_MACS,
            CONV_BIASES,
            Rule("parameters of FC layers, once", DENSE, lambda row: row.weights + row.biases),
            Rule(
                "parameters of norms and PReLU, once",
                (*tags_of("norm"), "prelu"),
                lambda row: row.weights + row.biases,
            ),
        ),
        source="torchinfo/layer_info.py, calculate_macs",
        note=SLIDES,
    ),
    "fvcore": Tool(
        name="fvcore",
        versions="0.1.5",
        number="FlopCountAnalysis.total()",
        rules=(
            MACS,
            Rule("batch_norm, 2 for each value", ("batch_norm",), normalized(2, 1)),
            Rule(
                "norms, 5 for each value",
                ("layer_norm", "group_norm", "instance_norm"),
                normalized(5, 4),
            ),
            Rule("average pools of a given size, 1 for each input value", ADAPTIVE, inputs),
            Rule(
                "upsampling, nearest 1 and linear 4 for each output",
                ("upsample",),
                interpolated(1, 4),
            ),
        ),
        source="fvcore/nn/flop_count.py, fvcore/nn/jit_handles.py",
        note="Biases, activation functions and other pools are left out, and means over all "
        "positions in place of pools; a norm without learned values counts 1 (batch_norm) or 4.",
        may_miss_pools=True,
    ),
    "ptflops": Tool(
        name="ptflops",
        versions="0.7.2 to 0.7.5",
        number="get_model_complexity_info, backend pytorch",
        rules=(
            MACS,
            BIASES,
            Rule(
                "relu, prelu, elu and gelu, 2 for each value",
                ("relu", "prelu", "elu", "gelu"),
                each(2),
            ),
            Rule(
                "relu6, leaky_relu and silu, 1 for each value",
                ("relu6", "leaky_relu", "silu"),
                outputs,
            ),
            Rule("pools, 2 for each input value", POOLS, each(2, inputs)),
            Rule("norms, 2 for each value", NORMS, normalized(2, 1)),
            Rule("upsampling, 2 for each output", ("upsample",), each(2)),
            Rule("softmax, 1 for each value", ("softmax",), outputs),
        ),
        source="ptflops/pytorch_ops.py, MODULES_MAPPING and FUNCTIONAL_MAPPING",
        note="Activation functions and pools are seen twice: as modules, and as the functions "
        "that those call.",
        assumptions=3,
    ),
    "ptflops-0.7.0": Tool(
        name="ptflops",
        versions="up to 0.7.0",
        number="get_model_complexity_info",
        rules=(
            SLID,
            CONV_BIASES,
            Rule("biases of FC layers, once", DENSE, lambda row: row.biases),
            Rule("activation functions, 1 for each value", OLD_PTFLOPS, outputs),
            Rule("pools, 1 for each input value", POOLS, inputs),
            Rule("norms, 2 for each value", NORMS, normalized(2, 1)),
            Rule("upsampling, 1 for each output", ("upsample",), outputs),
        ),
        source="ptflops/pytorch_ops.py, MODULES_MAPPING",
        note=f"{SLIDES} {FUNCTIONS}",
    ),
    "ptflops-aten": Tool(
        name="ptflops",
        versions="0.7.3 to 0.7.5",
        number="get_model_complexity_info, backend aten",
        rules=(MACS, BIASES),
        source="ptflops/aten_ops.py",
    ),
    "thop": Tool(
        name="thop",
        versions="0.1.1",
        number="profile",
        rules=(
            SLID,
            Rule(
                "norms, 4 for each value",
                ("batch_norm", "layer_norm", "instance_norm"),
                normalized(4, 2),
            ),
            AVERAGES,
            Rule(
                "average pools of a given size, 1 for each input value and output",
                ADAPTIVE,
                lambda row: row.inputs[0].size + row.output.size,
            ),
            Rule("PReLU, 1 for each value", ("prelu",), outputs),
            Rule("softmax, 3·n - 1 for n values", ("softmax",), softmax_operations),
            Rule(
                "upsampling, nearest 1 and linear 11 for each output",
                ("upsample",),
                interpolated(1, 11),
            ),
        ),
        source="thop/vision/basic_hooks.py, thop/vision/calc_func.py",
        note=f"{SLIDES} {FUNCTIONS}",
        may_miss_pools=True,
    ),
    "thop-2020": Tool(
        name="thop",
        versions="0.0.31 of May 2020",
        number="profile",
        rules=(
            SLID,
            CONV_BIASES,
            Rule("batch_norm, 2 for each value", ("batch_norm",), each(2)),
            AVERAGES,
            FLOORED,
            LEAKY_RELU,
            Rule("upsampling, linear 11 for each output", ("upsample",), interpolated(0, 11)),
        ),
        source="thop/vision/basic_hooks.py",
        note=SLIDES,
        may_miss_pools=True,
    ),
    "thop-2019": Tool(
        name="thop",
        versions="0.0.23 and 0.0.31 of 2019",
        number="profile",
        rules=(
            CONV_MACS,
            CONV_BIASES,
            Rule(
                "FC layers, 2·n - 1 for n inputs",
                DENSE,
                lambda row: 2 * row.macs - row.output.size if row.macs else 0,
            ),
            Rule("batch_norm, 4 for each value", ("batch_norm",), each(4)),
            Rule(
                "average pools, K + 1 for each output",
                ("avg_pool",),
                lambda row: (kernel_side(row) + 1) * row.output.size,
            ),
            FLOORED,
            LEAKY_RELU,
            Rule("upsampling, linear 13 for each output", ("upsample",), interpolated(0, 13)),
        ),
        source="thop/count_hooks.py",
        note=f"{SLIDES} Sums are in float32, right to seven digits.",
        may_miss_pools=True,
    ),
    "darknet": Tool(
        name="darknet",
        versions="of AlexeyAB",
        number="Total BFLOPS",
        rules=(
            Rule(
                "2 for each multiply-accumulate of convolutions",
                ("conv", "depthwise_conv"),
                each(2, macs),
            ),
            Rule("pools, K·K for each output", WINDOWED, window_values),
            Rule(
                "shortcuts, 1 for each output",
                ("add",),
                lambda row: (len(row.inputs) - 1) * row.output.size,
            ),
        ),
        source="src/convolutional_layer.c, maxpool_layer.c, shortcut_layer.c, parser.c",
        note="FC layers are left out. The original darknet prints the lines of the convolutions "
        "alone.",
    ),
    "tensorflow": Tool(
        name="Keras",
        versions="3.15 on TensorFlow 2.21",
        number="tf.compat.v1.profiler, float_operation()",
        rules=(
            TWO_PER_MAC,
            BIASES,
            Rule("batch_norm, 2 for each value", ("batch_norm",), each(2)),
            Rule(
                "batch_norm, 6 for each channel",
                ("batch_norm",),
                lambda row: 6 * row.output.channels,
            ),
            Rule("pools, K·K for each output", WINDOWED, window_values),
            Rule("average pools over all, 1 for each input value", ("global_avg_pool",), inputs),
            Rule(
                "merges, 1 for each output and further input",
                ("add", "multiply"),
                lambda row: (len(row.inputs) - 1) * row.output.size,
            ),
            Rule("softmax, 5 for each value", ("softmax",), each(5)),
        ),
        source="tensorflow/python/profiler/internal/flops_registry.py",
        note="ReLU counts nothing. Keras itself counts no operations; of parameters, see below.",
    ),
}
