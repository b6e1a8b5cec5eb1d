"""The table of what is counted, for docs/counting.md: from the working that the layers show."""

from __future__ import annotations

from typing import Any

from cnncalc.layers import TYPES, layer_type, tags_of
from cnncalc.volume import Volume

# Settings that need a value, or that bring out what a type can have; 8x8x8 goes in.
SETTINGS: dict[str, dict[str, Any]] = {
    "conv": {"filters": 16, "kernel": 3, "groups": 2},
    "conv_transpose": {"filters": 16, "kernel": 3, "groups": 2},
    "depthwise_conv": {"kernel": 3, "multiplier": 2},
    "separable_conv": {"filters": 16, "kernel": 3, "multiplier": 2},
    "local": {"filters": 16, "kernel": 3},
    "fc": {"units": 10},
    "linear": {"units": 10},
    "rbf": {"units": 10},
    "maxout": {"pieces": 2},
    "max_pool": {"kernel": 3},
    "avg_pool": {"kernel": 3},
    "adaptive_avg_pool": {"size": 3},
    "adaptive_max_pool": {"size": 3},
    "upsample": {"scale": 2, "mode": "bilinear"},
    "pixel_shuffle": {"factor": 2},
    "pixel_unshuffle": {"factor": 2},
    "channel_shuffle": {"groups": 2},
    "reshape": {"to": "4x16x8"},
    "pad": {"padding": 1},
    "crop": {"padding": 1},
    "slice": {"start": 4},
    "instance_norm": {"affine": True},
    "group_norm": {"groups": 2},
    "scale": {"bias": True},
    "rescale": {"factor": 2, "offset": 1},
    "function": {"of": "exp"},
    "reduce": {"of": "mean"},
    "learned": {"shape": "1x8"},
    "attention": {"heads": 2, "window_size": 4, "relative": True},
    "rearrange": {"pattern": "h w c -> (h w) c"},
}
# How many inputs each merge is shown with: three where it takes as many.
SEVERAL = {tag: min(3, layer_type(tag).arity[1]) for tag in tags_of("merge")}
SEVERAL |= {"matmul": 2, "attention": 3}

HEAD = """\
# What is counted

Every number in this table is a convention, and this is the one place where all of them stand.
It is made from the working that the layers show, which the tests hold against an evaluation of
each layer's definition on numbers that count what is done to them.

- Counts are for one sample; reports multiply them by the batch.
- A *multiply-accumulate* (MAC) is a product that is added to a sum, which starts from zero: of a
  value and a weight, or of two values in attention and matmul. Sums of other things start from
  their first term: n terms, n - 1 additions.
- The *fan-in* of a layer is the number of input values whose weighted sum each of its output
  values is, MACs over output values: K·K·D1/G of a conv, K·K of a depthwise_conv, K·K·D1 of a
  local, H1·W1·D1 of an fc, D1 of a linear or a matmul. All others have none: attention and a
  separable_conv sum twice, and the outputs of a conv_transpose (or of a conv with connections,
  where lists differ in length) are sums of unequal numbers of values.
- Padding and edges count like any value. The products of a transposed convolution that are
  cropped away count too.
- Additions are subtractions too. Functions are exp, log, power, root, erf and tanh, one each.
- Not counted: a change of sign, moving values, what depends on the shapes alone (the weights
  of an interpolation), and what is worked out once for a network and not for an input (folding
  batch_norm's four arrays into a factor and an offset).
- Layers see inference: dropout and drop_path do nothing, and hand on their input.
- *Activations* are the values that the layers make, each once: what works in place, or is its
  input's memory, makes none. The volume between the two convolutions of a separable_conv,
  H2·W2·D1·M values, counts as those of two layers do: among the activations, in the peak, and
  in the memory for training; so do the scores of attention, heads·H2·W2·n values for n positions
  that each attends to. No other layer type is several operations.

Symbols are the lecture's: H1, W1, D1 before the layer and H2, W2, D2 after it, K the kernel's
width, M the multiplier. Along one axis there is no H; along three there is T as well. The lrn
is one of 5 neighbours (of n: n + 1 multiplications and n additions a value). Settings that take
something away (`bias: false`, `weight: false` of a norm, nearest upsampling) take its operations
away.

| layer | learned values | operations |
|---|---|---|
"""


FIELDS = """
## Receptive fields

What a unit sees of the input, as if the input had no borders: the extent from the first pixel to
the last, whatever lies between. Behind layers that enlarge (`conv_transpose`, `upsample`,
`pixel_shuffle`) the units of one layer differ, but repeat; each of a period is worked out, and the
largest and the smallest are shown. A merge's unit sees what the same unit of any input sees. A
bilinear upsampling sees both neighbours, also where the weight of one is 0.

Where a period has more than 4,096 units along an axis, where none repeats (an adaptive pool whose
size does not divide its input, a merge of layers at steps that differ), and where many long
periods would take too much work, a bound is shown, as "at most". Windows over positions that a
reshape has put in another order have "?".
"""


def row(tag: str) -> str:
    """Return the table's row of a layer type."""
    layer = layer_type(tag)(**SETTINGS.get(tag, {}))
    volumes = [Volume((8, 8), 8)] * SEVERAL.get(tag, 1)
    steps = layer.steps(layer.output(*volumes), *volumes)
    learned = [f"{step.topic} {step.formula}" for step in steps if step.topic not in OTHER]
    done = [f"{step.symbol} {step.formula}" for step in steps if step.topic == "FLOPs"]
    return f"| `{tag}` | {', '.join(learned) or '–'} | {', '.join(done) or '–'} |\n"


OTHER = ("volume", "inputs", "FLOPs")


def document() -> str:
    """Return docs/counting.md."""
    return HEAD + "".join(map(row, TYPES)) + FIELDS
