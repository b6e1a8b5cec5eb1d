"""What a network's run hides is found: operations, negative values, the file's own facts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from small import net
from strategies import Case, cases
from support import goldens

import cnncalc
from cnncalc import kernels
from cnncalc.cli import main
from cnncalc.errors import VolumeError
from cnncalc.kernels import pooling
from cnncalc.layers import TYPES, layer_type
from cnncalc.layers.base import AbstractLayer, Cost
from cnncalc.verification import small_run
from cnncalc.verification.small_run import operations, run_small, spread_cost, whole_cost
from cnncalc.volume import Volume
from cnncalc.writers import printing

Patch = pytest.MonkeyPatch
Fault = Callable[[Patch], None]

# --- each layer alone --------------------------------------------------------------------------


@pytest.mark.parametrize("tag", TYPES)
@settings(max_examples=5, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_every_type_runs_small(tag: str, data: st.DataObject) -> None:
    """Whatever its settings, a layer is counted on small volumes, and as claimed."""
    case: Case = data.draw(cases(tag))
    layer, volumes = case
    try:
        layer.output(*volumes)
    except VolumeError:
        assume(False)
    found = run_small(layer, volumes, seed=0)
    assert found is not None
    assert found.counted == found.claimed
    assert not found.wrong
    assert all(
        n <= before
        for small, volume in zip(found.inputs, volumes, strict=True)
        for n, before in zip(small.shape, volume.shape, strict=True)
    )


def golden(tag: str) -> tuple[AbstractLayer, list[Volume]]:
    """Return a layer of a type, and volumes for it: the first of the goldens that computes."""
    found = [case for case in goldens()["cases"] if case["tag"] == tag]
    made = [
        (layer_type(tag)(**case["settings"]), list(map(Volume.of, case["volumes"])))
        for case in found
    ]
    return next(
        ((layer, vs) for layer, vs in made if any(layer.cost(layer.output(*vs), *vs))), made[0]
    )


@pytest.mark.parametrize("tag", TYPES)
@pytest.mark.parametrize("more", [1, -1])
def test_a_wrong_count_of_any_operation_is_seen(tag: str, more: int, monkeypatch: Patch) -> None:
    """One addition, comparison, division, function or multiplication too many, or too few."""
    layer, volumes = golden(tag)
    right = type(layer).cost
    for kind in Cost._fields[1:]:
        with monkeypatch.context() as patch:
            wrong = Cost(**{kind: more})
            patch.setattr(type(layer), "cost", lambda *given, w=wrong: right(*given).plus(w))
            found = run_small(layer, volumes, seed=0)
            assert found is not None
            assert found.miscounted
            assert found.counted is not None
            assert getattr(found.claimed, kind) - getattr(found.counted, kind) == more


def cost_without(kind: str, **times: int) -> Callable[[Any], Any]:
    """Return a change of a rule of costs: one kind of operation forgotten, or so many times."""
    return lambda right: (
        lambda *given: right(*given)._replace(
            **{kind: getattr(right(*given), kind) * times.get("times", 0)}
        )
    )


MISCOUNTED = [
    ("Conv", "additions", 0, {"type": "conv", "filters": 70, "kernel": 3}),
    ("MaxPool", "comparisons", 2, {"type": "max_pool", "kernel": 2}),
    ("AvgPool", "divisions", 0, {"type": "avg_pool", "kernel": 2}),
    ("Softmax", "functions", 0, "softmax"),
    ("BatchNorm", "additions", 2, "batch_norm"),
    ("Gelu", "multiplications", 0, "gelu"),
    ("Fc", "additions", 0, {"type": "fc", "units": 100}),
    ("GlobalAvgPool", "divisions", 0, "global_avg_pool"),
    ("AdaptiveMaxPool", "comparisons", 0, {"type": "adaptive_max_pool", "size": 3}),
    ("ConvTranspose", "additions", 0, {"type": "conv_transpose", "filters": 9, "kernel": 3}),
    ("LayerNorm", "functions", 0, "layer_norm"),
    ("Lrn", "divisions", 2, "lrn"),
]


@pytest.mark.parametrize(("name", "kind", "times", "layer"), MISCOUNTED)
def test_a_miscount_fails_the_network(
    name: str, kind: str, times: int, layer: Any, monkeypatch: Patch
) -> None:
    """The layer and the quantity are named, with both numbers; exit code as for any difference."""
    network = net(layer)
    assert cnncalc.verify(network).ok
    cls = getattr(cnncalc, name)
    monkeypatch.setattr(cls, "cost", cost_without(kind, times=times)(cls.cost))
    result = cnncalc.verify(network)
    path = result.layers[0].path
    assert result.failures == [(path, "operations")]
    shown = " ".join(printing.written(result, "table").split())
    assert f"{path} operations on " in shown
    assert f" {kind} claimed, " in shown


def test_a_part_of_the_values_stands_for_all() -> None:
    """Of many filters a few are evaluated if they cost the same; where they do not, all are."""
    conv = cnncalc.Conv(filters=500, kernel=3)
    output = conv.output(Volume((4, 5), 2))
    assert spread_cost(conv, output, Volume((4, 5), 2)) == whole_cost(
        conv, output, Volume((4, 5), 2)
    )
    uneven = cnncalc.Conv(filters=8, kernel=1, connections=[[0]] * 2 + [[0, 1]] * 6)
    volume = Volume((2, 2), 2)
    output = uneven.output(volume)
    claimed = uneven.cost(output, volume)
    assert operations(spread_cost, uneven, claimed, output, volume) != claimed
    found = run_small(uneven, [volume], 0)
    assert found is not None
    assert found.counted == found.claimed


def test_what_is_too_much_is_not_counted_and_said(monkeypatch: Patch) -> None:
    """Beyond a bound a layer's operations are not counted, and the table says so."""
    monkeypatch.setattr(small_run, "MOST_READS", 20)
    result = cnncalc.verify(net({"type": "conv", "name": "C", "filters": 2, "kernel": 3}, "relu"))
    assert result.ok
    assert [layer.counted for layer in result.layers] == [False, True]
    shown = " ".join(printing.written(result, "table").split())
    assert "The operations of 1 layer were not counted, from C on." in shown


def test_what_cannot_be_small_is_not_run_alone(monkeypatch: Patch) -> None:
    """A reshape would take its network's memory again: its operations are counted, no more."""
    reshape = layer_type("reshape")(to=[8, 24])
    found = run_small(reshape, [Volume((8, 8), 3)], 0)
    assert found is not None
    assert found.samples
    monkeypatch.setattr(small_run, "MOST_VALUES", 100)
    found = run_small(reshape, [Volume((8, 8), 3)], 0)
    assert found is not None
    assert found.counted == Cost()
    assert not found.samples


def test_each_distinct_layer_runs_once() -> None:
    """Layers of the same settings share what was found of them."""
    result = cnncalc.verify(net("relu", {"type": "conv", "filters": 2, "kernel": 1}, "relu"))
    first, _, last = result.layers
    assert first.alone is last.alone
    assert "2 distinct layers ran alone" in printing.written(result, "table")


# --- kernels whose faults the network's own data hide ------------------------------------------


def patched_pool(patch: Patch, change: Callable[[Any], Any]) -> None:
    """Replace the kernel of max pools."""
    patch.setattr(kernels, "max_pool", change(kernels.max_pool))


def pads_with_zeros(patch: Patch) -> None:
    """The kernel of pools fills what lies outside with 0."""
    right = pooling._pool
    patch.setattr(pooling, "_pool", lambda *given, fill, ceil: right(*given, fill=0.0, ceil=ceil))


def takes_the_least(patch: Patch) -> None:
    """A max pool takes the least value."""
    patched_pool(patch, lambda right: lambda x, *given, **named: -right(-x, *given, **named))


def takes_the_mean(patch: Patch) -> None:
    """A max pool takes the mean."""
    patched_pool(patch, lambda right: kernels.average_pool)


def takes_the_length(patch: Patch) -> None:
    """A max pool takes the largest magnitude: an L-infinity pool."""
    patched_pool(patch, lambda right: lambda x, *given, **named: right(abs(x), *given, **named))


def counts_padding(patch: Patch) -> None:
    """An average pool divides by all of its window."""
    right = kernels.average_pool
    patch.setattr(
        kernels, "average_pool", lambda *given, **n: right(*given, **n | {"count_padding": True})
    )


def counts_no_padding(patch: Patch) -> None:
    """An average pool divides by what of its window is no padding."""
    right = kernels.average_pool
    patch.setattr(
        kernels, "average_pool", lambda *given, **n: right(*given, **n | {"count_padding": False})
    )


def clips_at_zero(patch: Patch) -> None:
    """A pool's values are never below 0."""
    for name in ("max_pool", "average_pool", "adaptive_max_pool", "adaptive_average_pool"):
        right = getattr(kernels, name)
        patch.setattr(
            kernels, name, lambda *given, r=right, **named: np.maximum(r(*given, **named), 0)
        )


def bins_shifted(patch: Patch) -> None:
    """The bins of an adaptive pool end a position early."""
    patch.setattr(pooling, "_bin", lambda i, w, n: range(i * w // n, max((i + 1) * w // n, 1)))


def joins_wrongly(patch: Patch) -> None:
    """An adaptive max pool takes the least value."""
    right = kernels.adaptive_max_pool
    patch.setattr(kernels, "adaptive_max_pool", lambda x, size: -right(-x, size))


def no_cap(patch: Patch) -> None:
    """ReLU6 does not stop at 6."""
    patch.setattr(kernels, "clip", lambda x, low, high: np.maximum(x, low))


def slope_forgotten(patch: Patch) -> None:
    """A leaky ReLU is none."""
    patch.setattr(kernels, "leaky_relu", lambda x, slope: np.maximum(x, 0))


def pool(kind: str, **more: Any) -> dict[str, Any]:
    """Return a pool of three positions, padded."""
    return {"type": kind, "name": "P", "kernel": 3, "padding": 1, "stride": 2} | more


HIDDEN: list[tuple[Fault, dict[str, Any]]] = [
    (pads_with_zeros, pool("max_pool")),
    (pads_with_zeros, pool("max_pool", padding=0, rounding="ceil")),
    (pads_with_zeros, pool("max_pool", padding="same", stride=1)),
    (pads_with_zeros, pool("max_pool", padding=[[0, 1], [0, 0]])),
    (takes_the_least, pool("max_pool")),
    (takes_the_mean, pool("max_pool")),
    (takes_the_length, pool("max_pool")),
    (clips_at_zero, pool("max_pool")),
    (clips_at_zero, pool("avg_pool")),
    (clips_at_zero, {"type": "adaptive_avg_pool", "name": "P", "size": 3}),
    (clips_at_zero, {"type": "global_max_pool", "name": "P"}),
    (counts_padding, pool("avg_pool", count_include_pad=False)),
    (counts_padding, pool("avg_pool", padding="same")),
    (counts_no_padding, pool("avg_pool")),
    (bins_shifted, {"type": "adaptive_avg_pool", "name": "P", "size": 3}),
    (bins_shifted, {"type": "adaptive_max_pool", "name": "P", "size": 3}),
    (joins_wrongly, {"type": "adaptive_max_pool", "name": "P", "size": 3}),
    (joins_wrongly, {"type": "global_max_pool", "name": "P"}),
    (no_cap, {"type": "relu6", "name": "P"}),
    (slope_forgotten, {"type": "leaky_relu", "name": "P"}),
]


@pytest.mark.parametrize(
    ("fault", "layer"), HIDDEN, ids=[f"{f.__name__}-{n['type']}" for f, n in HIDDEN]
)
def test_what_the_data_hide_is_found(fault: Fault, layer: Any, monkeypatch: Patch) -> None:
    """Behind a ReLU, where nothing is negative, on every seed."""
    network = net({"type": "conv", "filters": 4, "kernel": 1}, "relu", layer, input="7x8x3")
    assert cnncalc.verify(network).ok
    fault(monkeypatch)
    for seed in range(3):
        result = cnncalc.verify(network, seed=seed)
        ((path, what),) = result.failures
        assert path == "P"
        assert what in ("values", "values alone")


def test_values_alone_are_said(monkeypatch: Patch) -> None:
    """Where the network's own values are right, the line says on what the layer is wrong."""
    pads_with_zeros(monkeypatch)
    result = cnncalc.verify(net("relu", pool("max_pool")))
    assert result.failures == [("P", "values alone")]
    shown = " ".join(printing.written(result, "table").split())
    assert "P values alone, on 3x5x2: 9 of 16 wrong; at [0, 0, 0, 0] -1, found 0." in shown
    assert "✗ 1 of 2 layers differs from what was claimed: P values alone." in shown


# --- rules and kernels of convolutions, grouped, dilated, transposed ------------------------------


def forgetting(name: str, method: str, **settings: Any) -> Fault:
    """Return the fault of a rule, or of the forward pass, that forgets a setting."""

    def fault(patch: Patch) -> None:
        cls = getattr(cnncalc, name)
        right = getattr(cls, method)
        patch.setattr(cls, method, lambda self, *v: right(self.model_copy(update=settings), *v))

    fault.__name__ = f"{name}.{method} without {', '.join(settings)}"
    return fault


CONVOLUTIONS = net(
    {"type": "conv", "name": "C", "filters": 4, "kernel": 3, "dilation": 2},
    {"type": "conv", "name": "G", "filters": 6, "kernel": 1, "groups": 2},
    {
        "type": "conv_transpose", "name": "T", "filters": 4, "kernel": 3, "stride": 2,
        "padding": 1, "output_padding": 1, "groups": 2,
    },
    "batch_norm",
    input="7x8x3",
)  # fmt: skip
FORGOTTEN = [
    *(forgetting("Conv", m, bias=False) for m in ("parameters", "forward", "value")),
    *(forgetting("Conv", m, groups=1) for m in ("parameters", "forward", "value", "cost")),
    *(forgetting("Conv", m, dilation=1) for m in ("output", "forward", "value")),
    *(forgetting("ConvTranspose", m, output_padding=0) for m in ("output", "forward")),
    *(forgetting("ConvTranspose", m, padding=0) for m in ("output", "forward", "value")),
    *(forgetting("ConvTranspose", m, groups=1) for m in ("parameters", "forward", "cost")),
    forgetting("ConvTranspose", "cost", bias=False),
    forgetting("Conv", "cost", bias=False),
    forgetting("BatchNorm", "parameters", affine=False),
]


@pytest.mark.parametrize("fault", FORGOTTEN, ids=lambda fault: fault.__name__)
def test_a_forgotten_setting_is_found(fault: Fault, monkeypatch: Patch) -> None:
    """A rule, definition or kernel that forgets a setting differs from the others."""
    assert cnncalc.verify(CONVOLUTIONS).ok
    fault(monkeypatch)
    assert not cnncalc.verify(CONVOLUTIONS).ok


# --- receptive fields behind layers that enlarge ------------------------------------------------


@pytest.mark.parametrize("change", [{"most": 1}, {"offset": 1}, {"offset": -1}], ids=str)
@pytest.mark.parametrize(
    "layer",
    [
        {"type": "upsample", "scale": 2},
        {"type": "upsample", "scale": 3, "mode": "bilinear"},
        {"type": "pixel_shuffle", "factor": 2},
    ],
    ids=lambda layer: f"{layer['type']}-{layer.get('mode')}",
)
def test_a_window_that_is_off_by_one_is_found(
    layer: Any, change: dict[str, int], monkeypatch: Patch
) -> None:
    """One input more, or the window one input on, is found in its layer, not in those behind."""
    conv = {"type": "conv", "filters": 4, "kernel": 3, "stride": 2}
    network = net(conv, layer, {**conv, "stride": 1}, input="33x2")
    cls = layer_type(layer["type"])
    right: Any = cls.window

    def window(self: Any, *volumes: Any) -> Any:
        (one,) = right(self, *volumes)
        return (one._replace(**{key: getattr(one, key) + n for key, n in change.items()}),)

    monkeypatch.setattr(cls, "window", window)
    result = cnncalc.verify(network, receptive_field=True)
    assert result.failures == [(result.layers[1].path, "receptive field")]


# --- what the file states ------------------------------------------------------------------------

STATED = """\
name: Stated
input: 8x8x3
parameters: {width: 4}
layers:
  - {type: conv, name: CONV, filters: width, kernel: 3}
  - {type: fc, name: FC, units: 2}
expect:
  parameters: 402
  macs: 4176
  peak_activations: 336
  layers:
    CONV: {output: 6x6x4, parameters: 112, biases: 4, receptive_field: 3x3}
    FC: {macs: 288, output: 2}
"""


def verified(path: Path, text: str, *arguments: str) -> tuple[int, str]:
    """Return exit code and output of verifying a file of this text."""
    file = path / "stated.yaml"
    file.write_text(text, "utf-8")
    shown = CliRunner().invoke(main, ["verify", str(file), *arguments])
    return shown.exit_code, " ".join(shown.output.replace(str(file), "stated.yaml").split())


def test_a_file_that_states_what_is_so(tmp_path: Path) -> None:
    """Its facts are counted in the verdict, for a batch too."""
    for arguments in ((), ("--batch", "3"), ("--input", "8x8x3")):
        code, shown = verified(tmp_path, STATED, *arguments)
        assert code == 0, shown
        assert " values and 9 facts under expect." in shown


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("parameters: 402", "parameters: 403", "8:15: expect: parameters 403, found 402."),
        ("macs: 4176", "macs: 1", "9:9: expect: macs 1, found 4176."),
        ("peak_activations: 336", "buffers: 1", "10:12: expect: buffers 1, found 0."),
        ("6x6x4", "6x4x6", "12:20: expect: CONV output 6x4x6, found 6x6x4."),
        ("biases: 4", "biases: 0", "12:52: expect: CONV biases 0, found 4."),
        ("receptive_field: 3x3", "receptive_field: 3", "expect: CONV receptive_field 3, found 3x3"),
        ("macs: 288", "mocs: 288", "13:16: expect: FC has no 'mocs'."),
        (
            "    CONV:",
            "    CONW:",
            "12:5: expect: Stated has no layer 'CONW'. Did you mean 'CONV'?",
        ),
        ("output: 2}", "output: {a: 1}}", "expect: FC output {'a': 1}, found 2."),
    ],
)
def test_a_file_that_states_what_is_not_so(
    right: str, wrong: str, said: str, tmp_path: Path
) -> None:
    """The line of the fact is named, with both values; exit code 1."""
    assert right in STATED
    code, shown = verified(tmp_path, STATED.replace(right, wrong))
    assert code == 1
    assert said in shown
    assert re.search(r"✗ 1 of [69] facts under expect is wrong\.$", shown)


def test_what_the_file_states_is_of_the_network_in_it(tmp_path: Path) -> None:
    """At another input, or with other parameters, nothing is said of it."""
    for arguments in (("--input", "9x9x3"), ("--set", "width=5")):
        code, shown = verified(tmp_path, STATED, *arguments)
        assert code == 0
        assert "under expect" not in shown
        assert "expect is of another input or other parameters: not checked." in shown


def test_facts_are_those_of_the_variant(tmp_path: Path) -> None:
    """Each variant has its own; without one, those of the variant that the defaults are."""
    data = yaml.safe_load(STATED)
    data["variants"] = {"small": {"width": 4}, "large": {"width": 8}}
    data["expect"] = {"small": {"parameters": 402}, "large": {"parameters": 1}}
    text = yaml.safe_dump(data)
    assert verified(tmp_path, text)[0] == 0
    assert verified(tmp_path, text, "--variant", "small")[0] == 0
    for arguments in (("--variant", "large"), ("--set", "width=8")):
        code, shown = verified(tmp_path, text, *arguments)
        assert code == 1
        assert "expect: parameters 1, found 802." in shown
    assert verified(tmp_path, text, "--variant", "small", "--set", "width=8")[0] == 0


def test_facts_of_a_dict_are_checked(monkeypatch: Patch) -> None:
    """A network from Python has no lines; its facts are compared all the same."""
    result = cnncalc.verify(net("relu", expect={"macs": 1}))
    assert not result.ok
    assert result.failures == [("expect", "macs")]
    assert str(result.unmet[0]) == "expect: macs 1, found 0."
