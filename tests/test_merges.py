"""What is said of merges that do not fit: where the extents part, and what makes them fit."""

from __future__ import annotations

from typing import Any

import pytest
from merge_cases import CASES

import cnncalc
from cnncalc.errors import CnncalcError, VolumeError


def said(source: Any, **options: Any) -> str:
    """Return what is said below the error of a merge."""
    with pytest.raises(VolumeError) as caught:
        cnncalc.analyze(source, **options)
    (problem,) = caught.value.problems
    return "\n".join(problem.details)


def net(size: str, *layers: Any) -> dict[str, Any]:
    """Return a network of these layers."""
    return {"name": "net", "input": size, "layers": list(layers)}


def conv(name: str, kernel: Any = 3, **more: Any) -> dict[str, Any]:
    """Return a convolution of four filters."""
    return {"type": "conv", "name": name, "filters": 4, "kernel": kernel, **more}


def kept(name: str) -> dict[str, Any]:
    """Return a convolution that keeps the extents."""
    return conv(name, padding=1)


def pool(name: str, kernel: Any = 2, **more: Any) -> dict[str, Any]:
    """Return a max pool."""
    return {"type": "max_pool", "name": name, "kernel": kernel, **more}


def up(name: str, scale: int = 2) -> dict[str, Any]:
    """Return an upsampling."""
    return {"type": "upsample", "name": name, "scale": scale}


def transposed(name: str, kernel: int = 2, stride: int = 2, **more: Any) -> dict[str, Any]:
    """Return a transposed convolution."""
    return {"type": "conv_transpose", "name": name, "filters": 4, "kernel": kernel,
            "stride": stride, **more}  # fmt: skip


def joined(*names: str, merge: str = "concat") -> dict[str, Any]:
    """Return a merge of elements."""
    return {"type": merge, "name": "join", "from": list(names)}


def branches(*ways: list[Any], merge: str = "concat") -> dict[str, Any]:
    """Return branches."""
    return {"merge": merge, "branches": list(ways)}


ASKED = {
    "unet_700": (
        "pool4 (line 20) makes 43 of 87: an odd extent loses a row; up5 (line 22) makes 86 of 43.",
        "Input sizes that fit: 0 mod 16 from 16 on, such as 688 and 704.",
        "crop e4 to the size of d5: {type: crop, from: [e4, d5]}",
        "pad d5: {type: pad, padding: [[0, 1]]}",
        "upsample d5 to the size of e4: {type: upsample, from: [d5, e4]}",
        "pool4 /2, conv1 /1, conv2 /1, up5 ×2, d5 /1",
    ),
    "unet_222": (
        "d2 (line 7) makes 55 of 111: an odd extent loses a row; u2 (line 9) makes 110 of 55.",
        "Input sizes that fit: 0 mod 4 from 4 on, such as 220 and 224.",
        "output_padding: 1 in u2",
    ),
    "fpn_225": (
        "c5 (line 7) makes 15 of 29: an odd extent is rounded up; up (line 8) makes 30 of 15.",
        "Input sizes that fit: 0 and 9 to 15 mod 16 from 9 on, such as 224 and 233.",
    ),
    "skip_5x5": (
        "pool (line 5) makes 2 of 5: an odd extent loses a row; up (line 6) makes 4 of 2.",
        "Input sizes that fit: 0 mod 2 from 2 on, such as 4 and 6.",
    ),
    "skip_5x5_tconv": (
        "pool (line 5) makes 2 of 5: an odd extent loses a row; up (line 6) makes 4 of 2.",
        "output_padding: 1 in up",
    ),
    "unet_unpadded_no_crop": (
        "x2 (line 7) makes 282 of 284, x2b (line 8) makes 280 of 282: without padding its kernel "
        "of 3 takes the border; u1 (line 9) makes 560 of 280.",
        "No input size fits: the sides differ by 8 at every size.",
        "crop x1b to the size of u1: {type: crop, from: [x1b, u1]}",
        "pad u1: {type: pad, padding: [[4, 4]]}",
        "padding: half in x2 (line 7) and x2b (line 8)",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_merges_that_people_asked_about(name: str) -> None:
    """The layer at which the extents part, with the numbers; the inputs that fit; other cures."""
    text = said(CASES[name].architecture())
    for part in ASKED[name]:
        assert part in text
    assert "Likely" not in text
    assert "/1/2" not in text


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].fits])
def test_the_sizes_and_the_cures_do_fit(name: str) -> None:
    """Each is tried: the input sizes that are named, and every cure that has an element."""
    case = CASES[name]
    text = said(case.architecture())
    channels = str(case.architecture().input).rsplit("x", 1)[-1]
    sizes = text.split("such as ")[1].split(".")[0].split(" and ")
    for size in sizes:
        assert cnncalc.analyze(case.architecture(), input=f"{size}x{size}x{channels}").macs


@pytest.mark.parametrize(
    ("cure", "names"),
    [
        ({"type": "crop", "from": ["enc", "up"]}, ["cure", "up"]),
        ({"type": "pad", "padding": [[0, 1]], "from": ["up"]}, ["enc", "cure"]),
        ({"type": "upsample", "from": ["up", "enc"]}, ["enc", "cure"]),
    ],
)
def test_cures(cure: dict[str, Any], names: list[str]) -> None:
    """As they are written in the message, in place of the side that they are said of."""
    layers = [kept("enc"), pool("pool"), up("up")]
    written = {key: value for key, value in cure.items() if cure["type"] != "pad" or key != "from"}
    text = said(net("5x5x1", *layers, joined("enc", "up")))
    assert str(written).replace("'", "") in text
    fitting = net("5x5x1", *layers, {**cure, "name": "cure"}, joined(*names))
    assert cnncalc.analyze(fitting).output.extents[0] in (4, 5)


OTHERS = {
    "ceil pooling in an encoder": (
        net("33x33x4", kept("x"), pool("p", rounding="ceil"), up("u"), joined("u", "x")),
        ["p makes 17 of 33: an odd extent is rounded up; u makes 34 of 17.",
         "0 mod 2 from 2 on, such as 32 and 34", "crop u to the size of x"],
    ),
    "one axis": (
        net("1001x4", kept("x"), pool("p", 3), up("u", 3), joined("u", "x", merge="add")),
        ["p makes 333 of 1,001: 3 does not divide it, so it loses 2 positions; u makes 999 of 333.",
         "0 mod 3 from 3 on, such as 999 and 1,002", "padding: [[1, 1]]"],
    ),
    "three axes, of which one": (
        net("17x32x32x4", kept("x"), pool("p"), up("u"), joined("u", "x")),
        ["p makes 8 of 17: an odd extent loses a frame; u makes 16 of 8.",
         "Input sizes that fit along the depth: 0 mod 2", "[[0, 1], [0, 0], [0, 0]]"],
    ),
    "the width alone": (
        net("32x33x4", kept("x"), pool("p"), up("u"), joined("u", "x")),
        ["p makes 16 of 33: an odd extent loses a column",
         "Input sizes that fit along the width: 0 mod 2 from 2 on, such as 32 and 34."],
    ),
    "branches": (
        net("5x5x4", branches([kept("x")], [pool("p"), up("u")])),
        ["p makes 2 of 5: an odd extent loses a row; u makes 4 of 2.",
         "crop x to the size of u: {type: crop, padding: [[0, 1]]}", "upsample u to the size of x"],
    ),
    "a transposed convolution that is too short": (
        net("32x32x4", kept("x"), conv("d", stride=2, padding=1),
            transposed("u", 3, padding=1), joined("u", "x")),
        ["u makes 31 of 16: 1 less than 2·16.", "1 mod 2 from 1 on, such as 31 and 33",
         "output_padding: 1 in u", "padding: same in u"],
    ),
    "a transposed convolution that is too long": (
        net("32x32x4", kept("x"), conv("d", stride=2, padding=1), transposed("u", 3),
            joined("previous", "x")),
        ["u makes 33 of 16: 1 more than 2·16.", "No input size fits: the sides differ by 1",
         "padding: same in u", "{type: crop, from: [previous, x]}"],
    ),
    "dilation between": (
        net("64x64x4", kept("x"), pool("p"), conv("dil", dilation=2, padding=1), up("u"),
            joined("u", "x")),
        ["dil makes 30 of 32: its padding is less than its kernel of 5 needs; u makes 60 of 30.",
         "differ by 4 at every size", "padding: half in dil"],
    ),
    "two levels, the deeper one fits": (
        net("18x18x4", kept("a"), pool("p1"), kept("b"), pool("p2"), up("u2"), joined("u2", "b")),
        ["p2 makes 4 of 9: an odd extent loses a row; u2 makes 8 of 4.",
         "0 mod 4 from 4 on, such as 16 and 20"],
    ),
    "a stride of four": (
        net("30x30x4", kept("x"), conv("d", 4, stride=4), transposed("u", 4, 4), joined("u", "x")),
        ["d makes 7 of 30: 4 does not divide it, so it loses 2 rows; u makes 28 of 7.",
         "0 mod 4 from 4 on, such as 28 and 32", "output_padding: 2 in u"],
    ),
    "padding same": (
        net("15x15x4", kept("x"), conv("d", stride=2, padding="same"), up("u"), joined("u", "x")),
        ["d makes 8 of 15: an odd extent is rounded up; u makes 16 of 8.", "0 mod 2 from 2 on"],
    ),
    "pixels from channels": (
        net("9x9x4", kept("x"), conv("d", 2, stride=2), conv("w", 1, filters=16),
            {"type": "pixel_shuffle", "name": "s", "factor": 2}, joined("s", "x")),
        ["d makes 4 of 9: an odd extent loses a row; s makes 8 of 4."],
    ),
    "a size that is given": (
        net("30x30x4", kept("x"), {"type": "upsample", "name": "u", "size": 28}, joined("u", "x")),
        ["u makes 28 of 30: whatever comes in.", "Input sizes that fit: 28 alone.",
         "{type: upsample, from: [u, x]}"],
    ),
    "the mean of the image beside it": (
        net("33x33x4", kept("x"), "global_avg_pool", conv("i", 1), joined("i", "x")),
        ["global_avg_pool makes 1 of 33: whatever comes in.", "Or upsample i to the size of x"],
    ),
    "a crop to another size on the way": (
        net("21x21x4", conv("x"), pool("p"), up("u"), {"type": "crop", "name": "c",
            "from": ["input", "u"]}, joined("c", "x")),
        ["p makes 9 of 19: an odd extent loses a row; u makes 18 of 9."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_other_structures(name: str) -> None:
    """Encoders and decoders of all kinds: where they part, and what fits."""
    source, parts = OTHERS[name]
    text = said(source)
    for part in parts:
        assert part in text


PLAIN = {
    "stride": (
        branches([conv("a", 1, stride=2)], [conv("b", 1)]),
        "Likely: stride 2 in a and stride 1 in b. Give both sides the same stride.",
    ),
    "strides": (
        branches([conv("a", stride=2, padding=1)], [conv("b", stride=3, padding=1)]),
        "Likely: stride 3 in b and stride 2 in a. Give both sides the same stride.",
    ),
    "a shortcut": (
        branches([conv("a", stride=2, padding=1), kept("b")], [], merge="add"),
        "Likely: stride 2 in a. Give both sides the same stride.",
    ),
    "a pool of Inception": (
        branches([conv("a", 1)], [pool("p", 3), conv("c", 1)]),
        "Likely: stride 3 in p and stride 1 in a. Give both sides the same stride.",
    ),
    "its padding": (
        branches([conv("a", 1)], [pool("p", 3, stride=1), conv("c", 1)]),
        "Likely: the padding of p. Both must keep the extents: padding 1.\n"
        "p makes 30 of 32: without padding its kernel of 3 takes the border.",
    ),
    "padding": (
        branches([kept("a")], [conv("b", 5, padding=1)]),
        "Likely: the padding of b. Both must keep the extents: padding 2.\n"
        "b makes 30 of 32: its padding is less than its kernel of 5 needs.",
    ),
    "an even kernel": (
        branches([kept("a")], [conv("b", 2, padding=1)]),
        "Likely: the padding of b. Both must keep the extents: padding [[0, 1]], or an odd kernel.",
    ),
    "dilation": (
        branches([kept("a")], [conv("b", dilation=2, padding=1)]),
        "Likely: the padding of b. Both must keep the extents: padding 2.",
    ),
    "a reduction": (
        branches([conv("a", stride=2)], [pool("p")]),
        "Likely: the padding of a. Both must come to the same extent: padding 1.",
    ),
    "rounding": (
        branches([pool("p", 3, stride=2, padding=1)], [pool("q", rounding="floor", kernel=3)]),
        "Likely: stride 3 in q and stride 2 in p.",
    ),
    "filters": (
        branches([kept("a"), conv("c", 1, filters=6)], [conv("b", 1, filters=5)], merge="add"),
        "Likely: 6 channels from c and 5 channels from b. Give both the same number.",
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_mistakes(name: str) -> None:
    """A stride, a padding, an even kernel, dilation, a pool of Inception, filters."""
    layer, sentence = PLAIN[name]
    assert sentence in said(net("32x32x4", layer))


def test_a_level_is_missing() -> None:
    """The strides on both ways are compared as products, also where both enlarge."""
    layers = [kept("x"), pool("p1"), pool("p2"), up("u"), joined("u", "x")]
    text = said(net("32x32x4", *layers))
    assert "u is 2 times smaller: on its way strides come to /2, on the other to /1." in text


def test_what_is_no_merge_has_no_such_reason() -> None:
    """A crop that is too small shows its two inputs, and no more."""
    text = said(net("8x8x4", conv("x"), {"type": "crop", "from": ["x", "input"]}))
    assert text.splitlines() == ["6x6x4  x        x /1", "8x8x4  INPUT"]
    with pytest.raises(CnncalcError) as caught:
        cnncalc.analyze(net("5x5x4", conv("x", 9)))
    assert not caught.value.problems[0].details


def test_rates_of_all_kinds_have_a_sign() -> None:
    """Larger, smaller, along each axis; a fraction of a size that is given."""
    layers = [kept("x"), pool("p", [2, 1], stride=[2, 1]),
              {"type": "upsample", "name": "u", "size": [12, 16]}, joined("u", "x")]  # fmt: skip
    text = said(net("32x32x4", *layers))
    assert "p /2,/1, u /4/3,/2" in text
    assert "Input sizes that fit: 12 alone by 16 alone." in text
