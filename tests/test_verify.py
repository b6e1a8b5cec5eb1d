"""Verify finds every rule and every kernel that is wrong, and nothing else."""

from __future__ import annotations

import ctypes
import json
import math
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc import kernels
from cnncalc.cli import main
from cnncalc.errors import CnncalcError, LimitError
from cnncalc.layers.base import Cost
from cnncalc.verification import Interrupted
from cnncalc.verification.arrays import digest, seeded
from cnncalc.verification.memory import free_memory, parse_size
from cnncalc.verification.samples import pick
from cnncalc.writers import printing

NETWORK = {
    "name": "small",
    "input": "19x23x3",
    "layers": [
        {"type": "conv", "name": "CONV1", "filters": 8, "kernel": 3, "padding": 1},
        "relu",
        {"type": "max_pool", "name": "POOL1", "kernel": 3, "stride": 2},
        {"type": "conv", "name": "CONV2", "filters": 12, "kernel": 5, "stride": 2,
         "padding": [[2, 1], [1, 2]], "then": ["batch_norm", "relu"]},
        {"type": "avg_pool", "name": "POOL2", "kernel": 2, "padding": 1},
        {"type": "fc", "name": "FC", "units": 10},
        "softmax",
    ],
}  # fmt: skip


def layer_class(name: str) -> Any:
    """Return a layer class, to be spoilt."""
    return getattr(cnncalc, name)


def test_a_right_network_is_right() -> None:
    """Every layer is as claimed, and what was done is all there."""
    result = cnncalc.verify(NETWORK)
    assert result.ok
    assert not result.failures
    assert len(result.layers) == result.total == 9
    assert result.samples == 8 * 16 + 10 * 2 - 16
    assert result.forward_seconds > 0
    assert result.peak_bytes == result.claimed_peak_bytes
    assert max(layer.error for layer in result.layers) < 1e-6


# --- it can fail: how each rule and each kernel is spoilt, and what must be found ---------------


def stride_forgotten(patch: pytest.MonkeyPatch) -> None:
    """The rule of volumes forgets the stride of CONV2, the only one that has any."""
    conv = layer_class("Conv")
    right = conv.output
    patch.setattr(conv, "output", lambda self, *v: right(self.model_copy(update={"stride": 1}), *v))


def stride_not_taken(patch: pytest.MonkeyPatch) -> None:
    """The kernel does not stride."""
    right = kernels.convolve

    def convolve(x: Any, weight: Any, bias: Any, windows: Any, *more: Any, **named: Any) -> Any:
        unstrided = [(k, 1, b, a, d) for k, _, b, a, d in windows]
        return right(x, weight, bias, unstrided, *more, **named)

    patch.setattr(kernels, "convolve", convolve)


def bias_forgotten(patch: pytest.MonkeyPatch) -> None:
    """The rule of parameters forgets the biases."""
    patch.setattr(
        layer_class("Fc"), "parameters", lambda self, output, v: {"weight": (self.units, v.size)}
    )


def bias_not_added(patch: pytest.MonkeyPatch) -> None:
    """The forward pass asks for no biases."""
    fc = layer_class("Fc")
    right = fc.forward
    patch.setattr(
        fc, "forward", lambda self, *a: right(self.model_copy(update={"bias": False}), *a)
    )


def buffer_forgotten(patch: pytest.MonkeyPatch) -> None:
    """The rule of buffers forgets the variance."""
    patch.setattr(layer_class("BatchNorm"), "buffers", lambda self, o, *v: {"mean": (o.channels,)})


def buffer_reshaped(patch: pytest.MonkeyPatch) -> None:
    """The rule of buffers keeps a statistic for every value."""
    patch.setattr(
        layer_class("BatchNorm"),
        "buffers",
        lambda self, o, *v: {"mean": o.shape, "variance": (o.channels,)},
    )


def weight_transposed(patch: pytest.MonkeyPatch) -> None:
    """The rule of parameters has the right number, in another shape."""
    patch.setattr(
        layer_class("Fc"),
        "parameters",
        lambda self, output, v: {"weight": (v.size, self.units), "bias": (self.units,)},
    )


def cost_doubled(patch: pytest.MonkeyPatch) -> None:
    """The rule of costs counts two operations for each product."""
    fc = layer_class("Fc")
    right: Callable[..., Cost] = fc.cost
    patch.setattr(fc, "cost", lambda self, *v: right(self, *v).times(2))


def weight_spoilt(patch: pytest.MonkeyPatch) -> None:
    """The kernel reads one weight of each unit as zero, where the input is not."""
    right = kernels.linear

    def linear(x: Any, weight: Any, bias: Any) -> Any:
        spoilt = weight.copy()
        spoilt[:, np.argmax(x[0])] = 0
        return right(x, spoilt, bias)

    patch.setattr(kernels, "linear", linear)


def window_shifted(patch: pytest.MonkeyPatch) -> None:
    """The kernel pads after as much as it should before; CONV2 is the only one that differs."""
    right = kernels.convolve

    def convolve(x: Any, weight: Any, bias: Any, windows: Any, *more: Any, **named: Any) -> Any:
        shifted = [(k, s, a, b, d) for k, s, b, a, d in windows]
        return right(x, weight, bias, shifted, *more, **named)

    patch.setattr(kernels, "convolve", convolve)


def function_wrong(patch: pytest.MonkeyPatch) -> None:
    """The kernel of softmax forgets a part in a hundred thousand."""
    right = kernels.softmax
    patch.setattr(kernels, "softmax", lambda x: right(x) * np.float32(1.00001))


def nan_made(patch: pytest.MonkeyPatch) -> None:
    """The kernel of softmax gives no numbers."""
    patch.setattr(kernels, "softmax", lambda x: np.full_like(x, np.nan))


def report_wrong(patch: pytest.MonkeyPatch) -> None:
    """The analysis forgets the biases of fully connected layers; the rules have them."""
    from cnncalc.model import analysis

    right = analysis.facts_of

    def facts(layer: Any, *more: Any) -> Any:
        found = right(layer, *more)
        return replace(found, biases=0) if layer.tag == "fc" else found

    patch.setattr(analysis, "facts_of", facts)


def peak_wrong(patch: pytest.MonkeyPatch) -> None:
    """The analysis predicts one live value more than there is."""
    from cnncalc.model import analysis

    right = analysis._Memory.peak

    def wrong(self: analysis._Memory, alive: list[int]) -> tuple[int, int, list[int]]:
        most, at, held = right(self, alive)
        return most + 1, at, held

    patch.setattr(analysis._Memory, "peak", wrong)


def input_overwritten(patch: pytest.MonkeyPatch) -> None:
    """The forward pass of a pool writes over what it is given."""
    pool = layer_class("MaxPool")
    right = pool.forward

    def forward(self: Any, arrays: Any, x: Any) -> Any:
        result = right(self, arrays, x)
        np.subtract(x, 1, out=x)
        return result

    patch.setattr(pool, "forward", forward)


def view_returned(patch: pytest.MonkeyPatch) -> None:
    """A layer that works in place returns its memory, the other way round."""
    norm = layer_class("BatchNorm")
    right = norm.forward
    patch.setattr(norm, "forward", lambda self, *a: right(self, *a)[..., ::-1])


def row_dropped(patch: pytest.MonkeyPatch) -> None:
    """A layer that works in place returns a part of its memory."""
    norm = layer_class("BatchNorm")
    right = norm.forward
    patch.setattr(norm, "forward", lambda self, *a: right(self, *a)[:, :-1])


SPOILT: dict[Callable[[pytest.MonkeyPatch], None], tuple[str, set[str]]] = {
    stride_forgotten: ("CONV2", {"volume", "FLOPs"}),
    stride_not_taken: ("CONV2", {"volume", "FLOPs", "values"}),
    bias_forgotten: ("FC", {"parameters"}),
    bias_not_added: ("FC", {"parameters", "values"}),
    buffer_forgotten: ("CONV2.batch_norm", {"parameters"}),  # so it must be learned
    buffer_reshaped: ("CONV2.batch_norm", {"buffers"}),
    weight_transposed: ("FC", {"parameters"}),
    cost_doubled: ("FC", {"FLOPs", "operations"}),
    weight_spoilt: ("FC", {"values"}),
    window_shifted: ("CONV2", {"values"}),
    function_wrong: ("softmax", {"values"}),
    nan_made: ("softmax", {"values"}),
    report_wrong: ("FC", {"report"}),
    input_overwritten: ("POOL1", {"values", "inputs"}),
    view_returned: ("CONV2.batch_norm", {"values"}),
    row_dropped: ("CONV2.batch_norm", {"volume"}),
    peak_wrong: ("CONV1", {"memory"}),
}


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__)
def test_what_is_wrong_is_found_where_it_is(
    spoil: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One wrong rule or kernel is one layer that differs, in what it gets wrong; exit code 1."""
    path, quantities = SPOILT[spoil]
    spoil(monkeypatch)
    result = cnncalc.verify(NETWORK)
    assert not result.ok
    assert {what for _, what in result.failures} == quantities
    assert {where for where, _ in result.failures} == {path}
    file = tmp_path / "small.json"
    file.write_text(json.dumps(NETWORK), "utf-8")
    shown = CliRunner().invoke(main, ["verify", str(file), "--all-layers"])
    assert shown.exit_code == 1
    assert shown.output.splitlines()[-1].startswith("✗ 1 of 9 layers differs")
    assert sum(line.startswith("✗") for line in shown.output.splitlines()) == (
        1 if quantities == {"memory"} else 2
    )


# --- arrays, samples, memory ----------------------------------------------------------------------


def test_arrays_are_the_same_everywhere() -> None:
    """The bits of an array follow from seed, path, name and shape alone, on every machine."""
    one = seeded(0, "CONV1", "weight", (96, 11, 11, 3), fan=363)
    assert one.reshape(-1)[[0, 1, -1]].tobytes().hex() == "881fdd3cbe0453bd735aadbd"
    assert digest(one) == "844aa957fb3e2354c3e3ab6e92fc6a7492ffe074625af3dbac6690e1d5580505"
    centred = seeded(7, "é.0", "variance", (70_000,), fan=100, centre=1)
    assert digest(centred) == "3c958079f9e7d212418a17ecf2c798056d13020a7cfbb25a9cb8f6f4fcdf0922"


@given(seed=st.integers(0, 2**64 - 1), fan=st.integers(1, 10**6))
@settings(max_examples=20, deadline=None)
def test_arrays_are_spread_as_asked(seed: int, fan: int) -> None:
    """Values lie evenly about the centre with variance 1 / fan, and none is zero."""
    values = seeded(seed, "a", "weight", (50_000,), fan=fan).astype(np.float64) * math.sqrt(fan)
    assert abs(values.mean()) < 0.03
    assert values.var() == pytest.approx(1, abs=0.03)
    assert abs(values).max() <= math.sqrt(3)
    assert (values != 0).all()


def test_arrays_differ() -> None:
    """Another seed, path or name makes other values; so does another block of 65,536."""
    arrays = [
        seeded(*key, (200_000,))
        for key in [(0, "a", "b"), (1, "a", "b"), (0, "b", "b"), (0, "a", "c")]
    ]
    parts = [part for array in arrays for part in (array[:65_536], array[65_536:131_072])]
    correlated = np.corrcoef(parts) - np.eye(8)
    assert abs(correlated).max() < 0.02


def test_samples_take_corners_and_edges() -> None:
    """Of 16 places in a plane, 4 are corners and 8 lie on an edge; a small array is taken whole."""
    picks = pick(3, "CONV1", (2, 9, 7, 5))
    assert len(set(picks)) == 16
    assert {index[0] for index in picks} == {0, 1}
    assert {index[3] for index in picks} == set(range(5))
    for seed in range(20):
        samples, _, channels = zip(*pick(seed, "FC", (100, 30, 4096)), strict=True)
        assert {0, 99} <= set(samples)
        assert sorted(c // 256 for c in channels) == list(range(16))
        assert {0, 4095} <= set(channels)
    at_an_end = [
        sum(p in (0, n - 1) for p, n in zip(index[1:3], (9, 7), strict=True)) for index in picks
    ]
    assert at_an_end.count(2) >= 4
    assert at_an_end.count(1) + at_an_end.count(2) >= 12
    assert pick(0, "FC", (1, 10)) == tuple((0, i) for i in range(10))


DEEP: dict[str, list[Any]] = {
    "plain": [
        {"type": "conv", "filters": 8, "kernel": 3, "padding": 1, "bias": False, "then": ["relu"]}
    ],
    "residual": [
        {
            "merge": "add",
            "branches": [
                [],
                [
                    {
                        "type": "conv",
                        "filters": 8,
                        "kernel": 3,
                        "padding": 1,
                        "then": ["batch_norm", "relu"],
                    },
                    {"type": "conv", "filters": 8, "kernel": 3, "padding": 1},
                ],
            ],
            "then": ["relu"],
        }
    ],
    "dense": [
        {
            "merge": "concat",
            "branches": [
                [],
                ["batch_norm", "relu", {"type": "conv", "filters": 4, "kernel": 3, "padding": 1}],
            ],
        }
    ],
    "gated": [
        {"type": "squeeze_excitation", "squeeze": 4},
        {"type": "conv", "filters": 8, "kernel": 1},
    ],
    "sigmoid": [{"type": "conv", "filters": 8, "kernel": 3, "padding": 1, "then": ["sigmoid"]}],
}


@pytest.mark.parametrize("kind", DEEP)
def test_deep_networks_neither_overflow_nor_vanish(kind: str) -> None:
    """After 150 layers every value is still a normal float32, and is checked as closely."""
    layers = [{"layers": DEEP[kind], "repeat": 150, "name": "deep"}]
    first = {"type": "conv", "filters": 8, "kernel": 1}
    result = cnncalc.verify({"name": kind, "input": "5x5x3", "layers": [first, *layers]})
    assert result.ok
    assert all(layer.error < 1e-5 for layer in result.layers)
    magnitudes = [max(s.expected.magnitude for s in layer.samples) for layer in result.layers[-9:]]
    assert min(magnitudes) > 2**-126
    assert max(magnitudes) < 1e30


def test_memory_is_peak_need() -> None:
    """What takes too much is not run: the layer, how much, and the limit are named."""
    huge = {"name": "huge", "input": "1000x1000x1", "layers": [{"type": "fc", "units": 10**6}]}
    with pytest.raises(LimitError, match=r"fc: would take 3\.6 TiB .* 2\.0 GiB") as caught:
        cnncalc.verify(huge, limit_memory="2GiB")
    assert len(caught.value.problems) == 1
    assert cnncalc.verify(NETWORK, limit_memory=65 * 2**20).ok
    with pytest.raises(LimitError, match=r"relu: would take 64\.0 MiB"):
        cnncalc.verify(NETWORK, limit_memory=64 * 2**20)


@pytest.mark.parametrize(
    ("text", "size"), [("2GiB", 2 << 30), ("1.5 mb", 1_500_000), ("65536", 65_536), ("3k", 3000)]
)
def test_sizes_are_read(text: str, size: int) -> None:
    """A size is a number with a unit of 1000 or 1024."""
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GiB", "-1MB", "0", "1e3", "2 GiBs", "²", "9" * 100])
def test_other_sizes_are_refused(text: str) -> None:
    """What is no size is an error that says what one is."""
    with pytest.raises(CnncalcError, match="a size of memory is a number above 0"):
        parse_size(text)


def test_free_memory_is_known() -> None:
    """The system tells how much memory is free, in bytes."""
    free = free_memory()
    assert free is None or 2**20 < free < 2**50


@pytest.mark.parametrize(
    ("option", "value"), [("seed", -1), ("seed", True), ("batch", 0), ("batch", 1.5)]
)
def test_options_are_checked(option: str, value: object) -> None:
    """Seed and batch are whole numbers within bounds."""
    with pytest.raises(CnncalcError, match=f"{option} is a whole number"):
        cnncalc.verify(NETWORK, **{option: value})  # type: ignore[arg-type]


def test_ctrl_c_keeps_what_was_done() -> None:
    """An interrupted run has the layers that were done, and is not right."""

    def watch(done: int, total: int, path: str) -> None:
        assert total == 9
        if path == "POOL1":
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        cnncalc.verify(NETWORK, watch=watch)
    result = caught.value.verification
    assert [layer.path for layer in result.layers] == ["CONV1", "relu"]
    assert not result.ok
    assert not result.failures


def blas_threads() -> int | None:
    """Return how many threads NumPy's OpenBLAS uses, or None where NumPy has another BLAS."""
    for module in ("numpy._core._multiarray_umath", "numpy.core._multiarray_umath"):
        if module in sys.modules:
            library = ctypes.CDLL(sys.modules[module].__file__)
            for name in ("scipy_openblas_{}64_", "openblas_{}64_", "openblas_{}"):
                with suppress(AttributeError):
                    return int(getattr(library, name.format("get_num_threads"))())
    return None


def process_state() -> dict[str, object]:
    """Return what a library could change for all of its process, as far as the system tells."""
    tasks = Path("/proc/self/task")
    return {
        "affinity": os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None,
        "Python threads": set(threading.enumerate()),
        "threads": len(list(tasks.iterdir())) if tasks.is_dir() else None,
        "BLAS threads": blas_threads(),
        "signal handlers": {each: signal.getsignal(each) for each in signal.valid_signals()},
        "environment": dict(os.environ),
        "float errors": np.geterr(),
    }


def test_the_process_is_left_as_it_was() -> None:
    """Neither while it runs nor afterwards has verify changed threads, affinity or signals."""
    cnncalc.verify(NETWORK)  # by now the BLAS has started its own threads
    before, during = process_state(), []

    def watch(done: int, total: int, part: str) -> None:
        during.append(process_state())
        if part == "softmax":
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        cnncalc.verify(NETWORK, watch=watch)
    assert cnncalc.verify(NETWORK, receptive_field=True, digests=True).ok
    assert all(state == before for state in [*during, process_state()])


def test_batches_and_training_paths_are_checked() -> None:
    """Every sample of a batch is run; side paths for training too, outside the totals."""
    network = {
        "name": "aside",
        "input": "8x8x4",
        "layers": [
            {"type": "conv", "filters": 4, "kernel": 3},
            {
                "training": True,
                "name": "aux",
                "layers": ["global_avg_pool", {"type": "fc", "units": 2}],
            },
            "relu",
        ],
    }
    result = cnncalc.verify(network, batch=3)
    assert result.ok
    assert [layer.training for layer in result.layers] == [False, True, True, False]
    assert {sample.expected.at[0] for sample in result.layers[0].samples} == {0, 1, 2}


def test_a_lost_sample_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What gives another number of samples than it was given is not run."""
    pool = layer_class("MaxPool")
    right = pool.forward
    monkeypatch.setattr(pool, "forward", lambda self, *a: right(self, *a)[:1])
    result = cnncalc.verify(NETWORK, batch=2)
    assert not result.ok
    problems = {layer.path: layer.problem for layer in result.layers if not layer.ran}
    assert problems["POOL1"] == "from a batch of 2 came one of 1"


def test_what_no_float32_holds_is_named() -> None:
    """Where values overflow, nothing is wrong, but the table says that nothing is proved."""
    square = {"merge": "multiply", "branches": [[], []]}
    network = {"name": "squares", "input": "4x2x2", "layers": [square] * 10}
    result = cnncalc.verify(network)
    assert result.ok
    assert result.overflows == "multiply8"
    shown = " ".join(printing.written(result, "table").split())
    assert "From multiply8 on values are beyond float32" in shown
    assert 7 * 16 < result.samples < 10 * 16  # what proves nothing is not counted
    assert f"FLOPs, operations and {result.samples} values." in shown


def test_windows_too_wide_to_follow_are_named() -> None:
    """Where no value was compared with its definition, the table says so."""
    wide = {"type": "max_pool", "name": "WIDE", "kernel": 200}
    network = {"name": "wide", "input": "200x200x1", "layers": ["relu", wide]}
    shown = " ".join(printing.written(cnncalc.verify(network), "table").split())
    assert "No value of 1 layer was compared with its definition, from WIDE on" in shown
    assert shown.endswith("claimed: volumes, parameters, FLOPs, operations and 16 values.")


def test_a_single_layer_is_said_as_one() -> None:
    """The verdict of a network of one layer is a sentence, too."""
    result = cnncalc.verify({"name": "one", "input": "4x4x1", "layers": ["relu"]})
    assert "✓ The only layer is as claimed: " in printing.written(result, "table")


def test_what_cannot_run_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a wrong volume fits no later layer, those are listed as not run, and not as wrong."""
    branch = {"type": "conv", "name": "LEFT", "filters": 2, "kernel": 2, "stride": 2}
    network = {
        "name": "merged",
        "input": "8x8x2",
        "layers": [
            {"merge": "add", "branches": [[branch], [{"type": "max_pool", "kernel": 2}]]},
            "relu",
        ],
    }
    assert cnncalc.verify(network).ok
    stride_not_taken(monkeypatch)
    result = cnncalc.verify(network)
    assert not result.ok
    assert {path for path, _ in result.failures} == {"LEFT"}
    assert [layer.ran for layer in result.layers] == [True, True, False, False]
    shown = printing.written(result, "table", all_layers=True).splitlines()
    assert any(line.startswith("add: not run: the inputs of add must have") for line in shown)
    assert "relu: not run: nothing arrives." in shown
    verdict = " ".join(shown[-2:])
    assert verdict.startswith("✗ 1 of 4 layers differs from what was claimed: LEFT volume")
    assert verdict.endswith("; 2 of 4 layers could not run.")
