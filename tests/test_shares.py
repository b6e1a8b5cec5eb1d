"""Learned values that several layers share, and arrays that a file adds to a layer's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from small import net, wrong

import cnncalc

CONV = {"type": "conv", "name": "c", "filters": 4, "kernel": 3, "padding": 1}
PAGE = Path(__file__).parent.parent / "docs" / "format.md"


def rows(*layers: Any, **more: Any) -> dict[str, tuple[int, int, str | None]]:
    """Return parameters, MACs and the sharing layer of each row, by name."""
    report = cnncalc.analyze(net(*layers, **more))
    return {row.name: (row.parameters, row.macs, row.shares) for row in report.layers[1:]}


def example(file: str) -> dict[str, Any]:
    """Return a file of the page about the format."""
    text = PAGE.read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```yaml\n# {re.escape(file)}\n(.*?)^```$", text, re.M | re.S)
    import yaml

    return dict(yaml.safe_load(found))


def test_two_arms_of_a_siamese_network() -> None:
    """19,264 + 5,185 parameters as with one arm, and the convolution's MACs twice.

    Source: counted by hand, 10·10·3·64 + 64 and 9·9·64 + 1; 2 · 19²·10²·3·64 + 9²·64.
    """
    report = cnncalc.analyze(example("siamese.yaml"))
    assert (report.parameters, report.macs) == (24_449, 13_867_584)
    assert report["conv1_right"].shares == "conv1"
    assert cnncalc.verify(example("siamese.yaml")).ok


def test_heads_of_a_detector_over_three_levels() -> None:
    """A block's parameters count at its first use alone, its MACs at each."""
    report = cnncalc.analyze(example("heads.yaml"))
    head = (3 * 3 * 8 + 1) * 8 + (3 * 3 * 8 + 1) * 36
    assert report.parameters == (3 * 3 * 3 + 1) * 8 + head
    products = 3 * 3 * 8 * (8 + 36)
    assert report.macs == 64 * 64 * 3 * 3 * 3 * 8 + products * (64**2 + 32**2 + 16**2)
    assert report["head5.conv2"].shares == "head3.conv2"
    assert cnncalc.verify(example("heads.yaml")).ok


def test_a_type_and_settings_beside_it_are_compared() -> None:
    """They may be repeated, and must be those of the other."""
    same = {"shares": "c", "type": "conv", "name": "d", "filters": 4, "from": "input"}
    assert rows(CONV, same)["d"] == (0, rows(CONV)["c"][1], "c")
    assert wrong(CONV, {**same, "filters": 5}).endswith(
        "filters is 4 in c. Received 5. Leave it out."
    )
    assert "c is of type conv. Received type relu" in wrong(CONV, {"shares": "c", "type": "relu"})


def test_groups_repeats_and_tables_are_shared_whole() -> None:
    """Each layer is paired with the one in its place."""
    group = {"name": "g", "repeat": 2, "layers": [{**CONV, "filters": "channels"}, "batch_norm"]}
    found = rows(group, {"shares": "g", "name": "h"})
    assert [found[name][2] for name in ("h.0.c", "h.1.batch_norm")] == ["g.0.c", "g.1.batch_norm"]
    table = {**CONV, "name": "t", "filters": "channels", "table": [["kernel"], [1], [5]]}
    table.pop("kernel")
    found = rows({**table, "padding": "same"}, {"shares": "t", "name": "u"})
    assert (found["u.0"][2], found["u.1"][2]) == ("t.0", "t.1")
    assert found["u.1"][0] == 0 < found["t.1"][0]


def test_one_copy_of_several_can_be_shared() -> None:
    """Its index and its row of the table are those that it had."""
    copies = {"type": "conv", "name": "c", "kernel": "2 * index + 1", "padding": "same"}
    found = rows(
        {**copies, "filters": 3, "repeat": 3}, {"shares": "c.1", "name": "d", "from": "input"}
    )
    assert found["d"] == (0, found["c.1"][1], "c.1")


def test_its_own_followers_are_not_shared() -> None:
    """A detector shares its convolutions over the levels, and not their normalizations."""
    first = {**CONV, "then": ["batch_norm", "relu"]}
    found = rows(first, {"shares": "c", "name": "d", "from": "input", "then": ["batch_norm"]})
    assert found["d"][2] == "c"
    assert found["d.batch_norm"] == (8, 0, None)
    assert "d.relu" not in found
    found = rows(first, {"shares": "c", "name": "d", "from": "input"})
    assert (found["d.batch_norm"][2], found["d.relu"][2]) == ("c.batch_norm", None)


def test_what_shares_can_be_shared() -> None:
    """The values stay those of the first."""
    found = rows(
        CONV,
        {"shares": "c", "name": "d", "from": "input"},
        {"shares": "d", "name": "e", "from": "input"},
    )
    assert found["e"] == (0, found["c"][1], "c")


def test_a_layer_that_runs_several_times() -> None:
    """Repeated, it has the same values every time, as in a recurrent convolution."""
    found = rows({**CONV, "filters": 3}, {"shares": "c", "name": "again", "repeat": 2})
    assert [found[name] for name in ("again.0", "again.1")] == [(0, found["c"][1], "c")] * 2


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ([CONV, {"shares": "c"}], "cannot share the weight of c: it is 4x3x3x3 there"),
        ([{"shares": "c"}, CONV], "cannot share 'c': it comes later"),
        ([CONV, {"shares": "d"}], "cannot share 'd': nothing here has that name"),
        ([CONV, {"shares": "c", "layers": []}], "exactly one of type, layers, branches and shares"),
        ([CONV, {"shares": "c", "also": {"a": [1]}}], "stands on a layer that is written out"),
        ([{**CONV, "also": {"a": [0]}}], "the lengths of a are whole numbers from 1 on"),
        ([{**CONV, "also": {"a": 64}}], "a is a list of 1 to 8 lengths"),
        ([{**CONV, "also": {"a": [2**40, 2**40]}}], "a would hold 2^63 values or more"),
    ],
)  # fmt: skip
def test_what_cannot_be_shared(elements: list[Any], message: str) -> None:
    """One sentence says why."""
    assert message in wrong(*elements)


def test_other_layers_on_another_input_cannot_share() -> None:
    """What a condition adds or leaves out has no counterpart."""
    group = {"name": "g", "layers": ["relu", {**CONV, "when": "channels == 3"}]}
    message = wrong(group, {"shares": "g", "name": "h"})
    assert "comes to other layers" in message


def test_a_dot_in_front_means_the_top() -> None:
    """Without it an inner element of the name hides the outer one, and a note says so."""
    layers = [{**CONV, "filters": 8}, {"type": "relu", "from": "c"}]
    report = cnncalc.analyze(net(CONV, {"name": "g", "layers": layers}))
    assert report["g.relu"].output.channels == 8
    (note,) = report.notes
    assert note.numbers["names"] == (("g.c", "c"),)
    assert "g.c, not c (.name: the outer)" in report.to_markdown()
    layers[1] = {"type": "relu", "from": ".c"}
    report = cnncalc.analyze(net(CONV, {"name": "g", "layers": layers}))
    assert (report["g.relu"].output.channels, report.notes) == (4, ())


def test_a_dot_inside_a_block_means_the_top_of_the_block() -> None:
    """A block sees nothing of the place that uses it."""
    block = {"layers": [CONV, {"name": "g", "layers": [CONV, {"type": "relu", "from": ".c"}]}]}
    report = cnncalc.analyze(net({**CONV, "filters": 9}, {"type": "b"}, blocks={"b": block}))
    assert report.layers[report["b.g.relu"].sources[0]].name == "b.c"


def test_learned_arrays_beside_the_layers_own() -> None:
    """They count as other, also in the working, and are made when the network runs."""
    network = net({**CONV, "also": {"gain": [4], "table": [2, "channels"]}})
    report = cnncalc.analyze(network)
    assert (report["c"].other, report["c"].weights) == (4 + 2 * 3, 3 * 3 * 3 * 4)
    assert report["c"].also == {"gain": (4,), "table": (2, 3)}
    assert "= 2·3" in str(cnncalc.explain(network, "c"))
    assert cnncalc.verify(network).ok


def test_outputs_say_whose_values_they_are() -> None:
    """The table, the document, the working and the differences of two networks."""
    shared = net(CONV, {"shares": "c", "name": "d", "from": "input"})
    report = cnncalc.analyze(shared)
    assert "| 4 3x3 filters at stride 1, pad 1, shares c ← INPUT |" in report.to_markdown()
    assert report.to_dict()["layers"][2]["shares"] == "c"
    assert "those of c, counted there" in str(cnncalc.explain(shared, "d"))
    (change,) = cnncalc.diff(net(CONV, {**CONV, "name": "d", "from": "input"}), shared).changes
    assert change.settings == (("shares", "none", "c"),)
