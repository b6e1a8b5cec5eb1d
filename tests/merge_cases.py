"""Networks whose merges do not fit, as people asked about them, with the inputs that do."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc import readers
from cnncalc.format.architecture import Architecture
from cnncalc.format.shipped import of_path


class MergeCase(NamedTuple):
    """A network as YAML; the residues of inputs that fit and of those that tile, by a modulus."""

    text: str
    modulus: int
    fits: tuple[int, ...]
    tiles: tuple[int, ...]

    def architecture(self) -> Architecture:
        """Return the network, whose lines are known."""
        tree = readers.parse(self.text, "net.yaml", "yaml")
        return Architecture.from_tree(tree.data, tree).with_origin(
            tree, tree.name, of_path(tree.name)
        )


CASES = {
    "unet_700": MergeCase(
        """\
name: U-Net padded
input: 700x700x3
parameters: {w: 64}
defaults:
  conv: {kernel: 3, padding: 1, then: [batch_norm, relu]}
blocks:
  double:
    parameters: {f}
    layers:
    - {type: conv, filters: f}
    - {type: conv, filters: f}
layers:
- {type: double, name: e1, f: w}
- {type: max_pool, name: pool1, kernel: 2}
- {type: double, name: e2, f: 2*w}
- {type: max_pool, name: pool2, kernel: 2}
- {type: double, name: e3, f: 4*w}
- {type: max_pool, name: pool3, kernel: 2}
- {type: double, name: e4, f: 8*w}
- {type: max_pool, name: pool4, kernel: 2}
- {type: double, name: e5, f: 16*w}
- {type: upsample, name: up5, scale: 2}
- {type: conv, name: d5, filters: 8*w}
- {type: concat, name: cat5, from: [e4, d5]}
- {type: double, name: u5, f: 8*w}
- {type: upsample, name: up4, scale: 2}
- {type: conv, name: d4, filters: 4*w}
- {type: concat, name: cat4, from: [e3, d4]}
- {type: double, name: u4, f: 4*w}
- {type: upsample, name: up3, scale: 2}
- {type: conv, name: d3, filters: 2*w}
- {type: concat, name: cat3, from: [e2, d3]}
- {type: double, name: u3, f: 2*w}
- {type: upsample, name: up2, scale: 2}
- {type: conv, name: d2, filters: w}
- {type: concat, name: cat2, from: [e1, d2]}
- {type: double, name: u2, f: w}
- {type: conv, name: out, filters: 1, kernel: 1, padding: 0, then: []}
""",
        16,
        (0,),
        (0,),
    ),
    "unet_222": MergeCase(
        """\
name: t
input: 222x222x3
layers:
- {type: conv, name: x1, filters: 8, kernel: 3, padding: 1}
- {type: max_pool, name: d1, kernel: 2}
- {type: conv, name: x2, filters: 8, kernel: 3, padding: 1}
- {type: max_pool, name: d2, kernel: 2}
- {type: conv, name: x3, filters: 8, kernel: 3, padding: 1}
- {type: conv_transpose, name: u2, filters: 8, kernel: 2, stride: 2}
- {type: concat, name: j, from: [u2, x2]}
""",
        4,
        (0,),
        (0,),
    ),
    "fpn_225": MergeCase(
        """\
name: t
input: 225x225x3
layers:
- {type: conv, name: c2, filters: 8, kernel: 3, stride: 2, padding: 1}
- {type: conv, name: c3, filters: 8, kernel: 3, stride: 2, padding: 1}
- {type: conv, name: c4, filters: 8, kernel: 3, stride: 2, padding: 1}
- {type: conv, name: c5, filters: 8, kernel: 3, stride: 2, padding: 1}
- {type: upsample, name: up, scale: 2}
- {type: add, name: p4, from: [up, c4]}
""",
        16,
        (0, 9, 10, 11, 12, 13, 14, 15),
        (),
    ),
    "skip_5x5": MergeCase(
        """\
name: smallest
input: 5x5x1
layers:
- {type: conv, name: enc, filters: 1, kernel: 3, padding: 1}
- {type: max_pool, name: pool, kernel: 2}
- {type: upsample, name: up, scale: 2}
- {type: concat, name: cat, from: [enc, up]}
""",
        2,
        (0,),
        (0,),
    ),
    "skip_5x5_tconv": MergeCase(
        """\
name: smallest
input: 5x5x1
layers:
- {type: conv, name: enc, filters: 1, kernel: 3, padding: 1}
- {type: max_pool, name: pool, kernel: 2}
- {type: conv_transpose, name: up, filters: 1, kernel: 2, stride: 2}
- {type: concat, name: cat, from: [enc, up]}
""",
        2,
        (0,),
        (0,),
    ),
    "unet_unpadded_no_crop": MergeCase(
        """\
name: t
input: 572x572x1
layers:
- {type: conv, name: x1, filters: 8, kernel: 3}
- {type: conv, name: x1b, filters: 8, kernel: 3}
- {type: max_pool, name: d1, kernel: 2}
- {type: conv, name: x2, filters: 8, kernel: 3}
- {type: conv, name: x2b, filters: 8, kernel: 3}
- {type: conv_transpose, name: u1, filters: 8, kernel: 2, stride: 2}
- {type: concat, name: j, from: [u1, x1b]}
""",
        0,
        (),
        (),
    ),
}
