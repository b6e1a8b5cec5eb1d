"""Where two networks differ: what is matched, what is said, and what breaks a limit."""

from __future__ import annotations

import io
from itertools import product
from typing import Any

import pytest

import cnncalc
from cnncalc import api
from cnncalc.errors import CnncalcError, UnknownNameError
from cnncalc.model.diff import Diff, Limit, compare
from cnncalc.writers import diff as writer
from cnncalc.writers import terminal


def network(*layers: Any) -> Any:
    """Return a report of a small network of these layers."""
    return cnncalc.analyze({"name": "n", "input": "16x16x4", "layers": list(layers)})


def conv(**settings: Any) -> dict[str, Any]:
    """Return an element."""
    return {"type": "conv", "filters": 4, "kernel": 3, "padding": 1} | settings


def shown(diff: Diff, width: int = terminal.ENDLESS) -> str:
    """Return the table at a width."""
    stream = io.StringIO()
    console = terminal.console(stream)
    console.width = width
    writer.DiffContent(diff).show(console)
    return stream.getvalue()


def test_the_two_towers() -> None:
    """The paper's AlexNet differs from the slide's in its groups and in where it normalizes."""
    text = shown(api.diff("alexnet", "alexnet_two_towers"), 100)
    assert "alexnet  →  alexnet_two_towers" in text
    assert "groups 1 → 2" in text
    assert "-307,200  223,948,800  -223,948,800" in text
    assert "60,965,224  -1,413,120  724,406,816  -410,849,280" in text
    assert "-2.3 %                    -36.2 %" in text


@pytest.mark.parametrize(
    ("first", "second"),
    [("resnet50", "resnet18"), ("resnet50", "resnet101"), ("alexnet", "inception_v3"),
     ("unet", "densenet121")],
)  # fmt: skip
def test_changes_add_up(first: str, second: str) -> None:
    """The changes of the lines add up to the network's, in either direction."""
    for one, other in ((first, second), (second, first)):
        diff = api.diff(one, other)
        for depth, (i, name) in product((None, 0, 1, 2, 3), enumerate(writer.COUNTS)):
            lines = writer.differences(diff, depth=depth)
            assert sum(change.delta(name) for change in diff.changes) == diff.delta(name)
            assert sum(line.deltas[i] for line in lines) == diff.delta(name)
        assert sum(x.second is not None for x in diff.changes) + len(diff.equal) == len(
            diff.second.layers
        )


def test_added_blocks_are_one_line() -> None:
    """Copies that only one network has are folded, as in its own table."""
    found = writer.differences(api.diff("resnet50", "resnet101"))
    assert [(item.mark, item.phrase.split(",")[0]) for item in found] == [("+", "17 × bottleneck")]


def test_blocks_are_closed_at_a_depth() -> None:
    """A block that both have is one line, which says how many of its layers with a row differ."""
    diff = api.diff("resnet50", "resnet18")
    one = writer.differences(diff, depth=1)
    assert [item.name for item in one] == [
        "conv2_x", "conv3_x", "conv4_x", "conv5_x", "global_avg_pool", "fc",
    ]  # fmt: skip
    assert {item.mark for item in one} == {"~"}
    assert one[0].phrase == "17 layers differ"
    assert one[0].counts == (147_968, 462_422_016)
    two = writer.differences(diff, depth=2)
    assert [(x.mark, x.name) for x in two][:3] == [
        ("~", "conv2_x.0"), ("~", "conv2_x.1"), ("-", "conv2_x.2"),
    ]  # fmt: skip


def test_layers_without_a_row_are_shown_on_demand() -> None:
    """An activation function that changed has a line with all_layers."""
    diff = compare(network(conv(), "relu"), network(conv(), "silu"))
    assert [x.name for x in writer.differences(diff)] == []
    assert [(x.mark, x.name) for x in writer.differences(diff, all_layers=True)] == [
        ("-", "relu"), ("+", "silu"),
    ]  # fmt: skip


def test_a_network_does_not_differ_from_itself() -> None:
    """Nothing differs, and nothing but that is said."""
    assert "No difference." in shown(api.diff("resnet50", "resnet50"))


def test_rows_are_matched_by_name_then_by_position() -> None:
    """A layer is found again by its name; one of another name by its place and its type."""
    one = network(conv(name="a"), {"type": "max_pool", "kernel": 2}, conv(name="b"))
    other = network(conv(name="a"), conv(name="new"), conv(name="b", filters=8))
    marks = [(c.mark, (c.second or c.first).name) for c in compare(one, other).changes]  # type: ignore[union-attr]
    assert marks == [("-", "max_pool"), ("+", "new"), ("~", "b")]
    renamed = network(conv(name="x"), {"type": "max_pool", "kernel": 2}, conv(name="y"))
    assert compare(one, renamed).changes == []


def test_another_word_for_the_same_is_no_change() -> None:
    """`half` and 1 are the same padding under a 3x3 kernel; a dropout's rate is a change."""
    assert compare(network(conv()), network(conv(padding="half"))).changes == []
    pools = [network({"type": "max_pool", "kernel": 2} | stride) for stride in ({}, {"stride": 2})]
    assert compare(*pools).changes == []
    rates = [network({"type": "dropout", "rate": rate}) for rate in (0.5, 0.25)]
    assert [c.settings for c in compare(*rates).changes] == [(("rate", 0.5, 0.25),)]


def test_what_differs_is_said() -> None:
    """A line says which settings, type or volumes differ."""
    pool = {"type": "max_pool", "name": "p", "kernel": 2}
    one = network(conv(name="a"), pool, {"type": "fc", "name": "f", "units": 3})
    other = network(
        conv(name="a", filters=8, stride=2),
        {"type": "avg_pool", "name": "p", "kernel": 2},
        {"type": "fc", "name": "f", "units": 3},
    )
    assert [item.phrase for item in writer.differences(compare(one, other))] == [
        "filters 4 → 8, stride 1 → 2",
        "max_pool → avg_pool",
        "from 8x8x4 → 4x4x8",
    ]


def test_padding_before_and_after_is_not_read_as_one_per_axis() -> None:
    """`[[2, 0], [2, 0]]` is 2+0 on each axis."""
    before, after = network(conv()), network(conv(padding=[[2, 0], [2, 0]]))
    found = writer.differences(compare(before, after))
    assert [item.phrase for item in found] == ["padding 1 → 2+0 x 2+0"]


def test_phrases_give_way() -> None:
    """Where there is no room phrases are shortened, then wrapped; numbers stay."""
    diff = api.diff("resnet50", "resnet18")
    wide, narrow = shown(diff), shown(diff, 100)
    assert "conv3: 256 1x1 filters at stride 1, pad 0 " in wide
    assert "conv3: 256 1x1, stride 1, " in narrow
    assert "\n    pad 0" in narrow
    assert max(map(len, narrow.splitlines())) <= 100


def test_json_has_both_sides() -> None:
    """The JSON form has every change with its counts, and names what is equal."""
    found = writer.DiffContent(api.diff("alexnet", "alexnet_two_towers")).to_dict()
    assert found["first"]["parameters"] - found["second"]["parameters"] == 1413120
    assert sum(change["macs"] for change in found["changes"]) == -410849280


@pytest.mark.parametrize(
    ("limit", "broken"),
    [
        ("macs>+2%", False),
        ("macs<-36%", True),
        ("macs<-37%", False),
        ("parameters<-1413120", False),
        ("parameters<=-1413120", True),
        (" Parameters >= 0 ", False),
        ("other>0", False),
    ],
)
def test_limits(limit: str, broken: bool) -> None:
    """A limit is broken by a change beyond it, in units or in percent, exactly."""
    assert Limit.parse(limit).broken(api.diff("alexnet", "alexnet_two_towers")) is broken


def test_a_limit_from_nothing() -> None:
    """From 0 any growth is more than every percentage."""
    diff = compare(network({"type": "max_pool", "kernel": 2}), network(conv()))
    assert Limit.parse("macs>1000%").broken(diff)


@pytest.mark.parametrize("text", ["", "macs", "macs>", "macs>2%%", "macs=2", "macs>1e3", "m" * 99])
def test_what_is_no_limit(text: str) -> None:
    """A text that is no limit is an error that shows one."""
    with pytest.raises(CnncalcError, match="Write it like macs>"):
        Limit.parse(text)


def test_an_unknown_count() -> None:
    """A count that does not exist is an error with the nearest name."""
    with pytest.raises(UnknownNameError, match="Did you mean 'macs'"):
        Limit.parse("mac>2%")
