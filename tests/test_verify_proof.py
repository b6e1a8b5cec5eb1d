"""Receptive fields by NaN, effective products, memory, and the command."""

from __future__ import annotations

import gc
import json
import re
import time
import tracemalloc
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from small import CNN as NETWORK

import cnncalc
from cnncalc import api, kernels
from cnncalc.cli import main, progress
from cnncalc.errors import VolumeError
from cnncalc.format import shipped
from cnncalc.model.analysis import analyze
from cnncalc.verification import activations
from cnncalc.verification.activations import Activations
from cnncalc.verification.memory import peak_need
from cnncalc.verification.probe import Probe, probe


def probes(network: dict[str, Any]) -> list[Probe]:
    """Return what NaN find of a network's receptive fields."""
    graph = api.expand(network)
    found = probe(graph, analyze(graph), seed=0)
    assert probe(graph, analyze(graph), seed=0, keep=True) == found
    return found


# --- receptive fields ------------------------------------------------------------------------


def test_fields_are_found_by_nan() -> None:
    """What a NaN reaches is the receptive field of the report, to the pixel."""
    report = cnncalc.analyze(NETWORK)
    found = probes(NETWORK)
    assert [each.path for each in found] == ["CONV1", "POOL1", "CONV2", "relu", "POOL2"]
    for each in found:
        assert each.size == report[each.path].receptive_field.size
        assert not each.problem
    assert found[-1].size == (16, 16)


def test_a_layer_that_makes_nan_of_its_own_tells_nothing() -> None:
    """What is no number whatever comes in is no fault of the receptive field."""
    conv = {"type": "conv", "filters": 2, "kernel": 3}
    network = {"name": "nan", "input": "9x9x2", "layers": [conv, {"type": "lrn", "k": -9}, conv]}
    assert [each.path for each in probes(network)] == ["conv1"]
    assert cnncalc.verify(network, receptive_field=True).ok


def test_a_maximum_lets_nan_through() -> None:
    """Five pools of VGG hide what is added to a pixel, but not a NaN: 212 columns of 212."""
    layers: list[Any] = []
    for depth in (2, 2, 3, 3, 3):
        conv = {"type": "conv", "filters": 4, "kernel": 3, "padding": 1, "then": ["relu"]}
        layers += [conv] * depth + [{"type": "max_pool", "kernel": 2}]
    found = probes({"name": "vgg", "input": "224x3", "layers": layers})
    assert found[-1].size == (212,)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda w: w._replace(kernel=w.kernel + 1),
        lambda w: w._replace(kernel=w.kernel - 1),
        lambda w: w._replace(before=w.before + 1),
        lambda w: w._replace(dilation=1),
    ],
    ids=["wider", "narrower", "shifted", "undilated"],
)
def test_a_wrong_window_is_found_where_it_is(wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that has the window wrong is found in its layer alone, not in those after it."""
    conv = cnncalc.Conv
    right = conv.window

    def window(self: Any, *volumes: Any) -> Any:
        windows: Any = right(self, *volumes)
        return tuple(map(wrong, windows)) if self.filters == 6 else windows

    monkeypatch.setattr(conv, "window", window)
    result = cnncalc.verify(NETWORK, receptive_field=True)
    assert result.failures == [("CONV2", "receptive field")]


SIZES = st.integers(1, 3)
WINDOW = st.fixed_dictionaries(
    {"kernel": SIZES, "stride": st.integers(1, 2), "padding": st.integers(0, 1)}
)
CONV = st.builds(
    lambda window, dilation, filters: {
        "type": "conv",
        "dilation": dilation,
        "filters": filters,
        **window,
    },
    WINDOW,
    st.integers(1, 2),
    st.integers(1, 3),
)
POOL = st.builds(
    lambda window, kind: {
        **window,
        "type": kind,
        "padding": min(window["padding"], window["kernel"] // 2),
    },
    WINDOW,
    st.sampled_from(["max_pool", "avg_pool"]),
)
PLAIN = st.sampled_from(["relu", "batch_norm", "layer_norm", "sigmoid", "identity"])
TRANSPOSED = st.builds(
    lambda kernel: {"type": "conv_transpose", "filters": 2, "kernel": kernel, "stride": 2}, SIZES
)
SAME = st.builds(
    lambda kernel, dilation: {
        "type": "conv",
        "kernel": 2 * kernel - 1,
        "dilation": dilation,
        "padding": "half",
        "filters": 3,
    },
    SIZES,
    SIZES,
)
MERGED = st.builds(
    lambda kind, branches: {"merge": kind, "branches": branches},
    st.sampled_from(["concat", "add"]),
    st.lists(st.lists(SAME, min_size=1, max_size=2), min_size=2, max_size=3),
)
LAYERS = st.lists(st.one_of(CONV, POOL, PLAIN, SAME, MERGED, TRANSPOSED), min_size=1, max_size=6)


@given(layers=LAYERS, extents=st.lists(st.integers(9, 30), min_size=1, max_size=2))
@settings(max_examples=40, deadline=None)
def test_random_networks_are_right(layers: list[Any], extents: list[int]) -> None:
    """Any network is as claimed: branched, dilated, strided, transposed, pooled; fields too."""
    volume = "x".join(map(str, [*extents, 2]))
    try:
        result = cnncalc.verify(
            {"name": "random", "input": volume, "layers": layers}, receptive_field=True
        )
    except VolumeError:
        return
    assert result.ok, result.failures


# --- products that meet padding ---------------------------------------------------------------


@given(
    st.lists(
        st.tuples(SIZES, SIZES, st.integers(0, 4), st.integers(0, 4), st.integers(1, 3)),
        min_size=1,
        max_size=3,
    ),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_effective_products_met_no_padding(windows: list[Any], data: st.DataObject) -> None:
    """Of ones with ones, a convolution sums the products that met no padding."""
    extents = [data.draw(st.integers((k - 1) * d + 1, 9)) for k, _, _, _, d in windows]
    groups, each, ceil = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 2), st.booleans()))
    x = np.ones((2, *extents, groups * each))
    weight = np.ones((2 * groups, *[k for k, *_ in windows], each))
    with kernels.count() as ledger:
        result = kernels.convolve(x, weight, None, windows, groups=groups, ceil=ceil)
    assert result.sum() == ledger.macs - ledger.padding
    local = np.ones((*result.shape[1:-1], 2, *weight.shape[1:-1], x.shape[-1]))
    with kernels.count() as ledger:
        result = kernels.locally_connected(x, local, None, windows, ceil=ceil)
    assert result.sum() == ledger.macs - ledger.padding


# --- memory ----------------------------------------------------------------------------------


def test_peak_memory_is_what_was_forecast() -> None:
    """A run allocates no more than weights, live activations and workspace; here far less."""
    network = {
        "name": "middling",
        "input": "112x112x16",
        "layers": [
            {
                "type": "conv",
                "filters": 64,
                "kernel": 3,
                "padding": 1,
                "then": ["batch_norm", "relu"],
            },
            {
                "type": "conv",
                "filters": 64,
                "kernel": 3,
                "padding": 1,
                "groups": 4,
                "then": ["relu"],
            },
            {"type": "max_pool", "kernel": 4},
            {"type": "fc", "units": 200},
        ],
    }
    cnncalc.verify(NETWORK)  # whatever is imported or kept is there now
    need = peak_need(api.expand(network).nodes, 1)
    tracemalloc.start()
    try:
        assert cnncalc.verify(network).ok
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert need.path == "fc"
    assert need.weights > 40e6
    assert need.weights < peak <= need.total


def test_a_run_keeps_nothing_while_fields_are_looked_for() -> None:
    """Its last arrays are freed before the passes with NaN begin."""
    left: list[int] = []

    def watch(done: int, total: int, part: str) -> None:
        if part.startswith("receptive field"):
            left.append(sum(isinstance(each, Activations) for each in gc.get_objects()))

    assert cnncalc.verify(NETWORK, receptive_field=True, watch=watch).ok
    assert left
    assert not any(left)


def test_freed_memory_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before layers that take much; where little is taken, new memory would only be slower."""
    calls: list[None] = []
    monkeypatch.setattr(activations, "trim_heap", lambda: calls.append(None))
    fc = {"type": "fc", "units": 2000}
    assert cnncalc.verify({"name": "much", "input": "3000", "layers": ["relu", fc, "relu"]}).ok
    assert len(calls) == 1
    assert cnncalc.verify(NETWORK).ok
    assert len(calls) == 1


# --- the command -----------------------------------------------------------------------------


def invoke(*arguments: str) -> tuple[int, list[str]]:
    """Return exit code and lines of a command."""
    shown = CliRunner().invoke(main, ["verify", *arguments])
    return shown.exit_code, shown.output.splitlines()


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return the path of the small network."""
    file = tmp_path / "small.json"
    file.write_text(json.dumps(NETWORK), "utf-8")
    return str(file)


def test_the_command_prints_a_table(path: str) -> None:
    """A line for each layer with a row, the total, the caption, the verdict."""
    code, lines = invoke(path, "--seed", "3", "--batch", "2", "--receptive-field")
    assert code == 0
    assert re.match(r"small, batch 2  run in NumPy \d+\.\d+\.\d+, float32, seed 3$", lines[0])
    assert lines[2].split() == [
        "layer",
        "output",
        "parameters",
        "FLOPs",
        "effective",
        "sees",
        "error",
        "ms",
        "GFLOP/s",
    ]
    assert re.match(r"✓ CONV1 33x40x4         112  285,120    274,704    3x3 +\de-08 ", lines[4])
    assert [line.split()[1] for line in lines[5:9]] == ["POOL1", "CONV2", "POOL2", "FC"]
    assert lines[10].split()[:3] == ["TOTAL", "1,201", "369,792"]
    assert lines[-2:] == [
        "✓ All 6 layers are as claimed: volumes, parameters, FLOPs, operations, 5 receptive fields "
        "and 86",
        "values.",
    ]


def test_the_command_keeps_and_replays_certificates(path: str, tmp_path: Path) -> None:
    """What --certificate writes, --replay runs again; a changed one is exit code 1."""
    file = tmp_path / "proof.json"
    assert invoke(path, "--certificate", str(file))[0] == 0
    code, lines = invoke(path, "--replay", str(file))
    assert code == 0
    assert lines[-1] == (
        "✓ small: 6 layers run again: claims, counts and 7 digests equal, "
        "83 values within their bounds."
    )
    text = file.read_text("utf-8")
    file.write_text(text.replace('"macs": 142560', '"macs": 142561', 1), "utf-8")
    code, lines = invoke(path, "--replay", str(file))
    assert code == 1
    assert lines[-2:] == [
        "layers[CONV1].claimed.macs: 142561, now 142560",
        "✗ small: 6 layers run again, 1 difference.",
    ]
    code, lines = invoke("--replay", str(file))
    assert code == 2
    assert "Give that file as NETWORK, too." in lines[0]


def test_a_certificate_that_cannot_be_kept_is_told_before_the_run(
    path: str, tmp_path: Path
) -> None:
    """A folder in its place, or none to put it in: nothing is run then."""
    for file, reason in ((tmp_path, "Is a directory"), (tmp_path / "a" / "b", "No such file")):
        code, lines = invoke(path, "--certificate", str(file))
        assert code == 2
        assert f"{file}: cannot be written: {reason}" in lines[0]


def test_the_command_prints_json(path: str) -> None:
    """--format json is the certificate, without digests."""
    code, lines = invoke(path, "--format", "json")
    assert code == 0
    found = json.loads("\n".join(lines))
    assert found["ok"]
    assert found["layers"][0]["digests"] == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give a NETWORK, or --zoo, or --replay FILE"),
        (["alexnet", "--zoo"], "give a NETWORK, or --zoo, or --replay FILE"),
        (["--zoo", "--replay", "x.json"], "give a NETWORK, or --zoo, or --replay FILE"),
        (["--zoo", "--input", "9x9x3"], "go with a NETWORK"),
        (["alexnet", "--replay", "x.json", "--set", "a=1"], "go with a NETWORK"),
        (["--replay", "x.json", "--seed", "1"], "takes seed and batch from the certificate"),
        (["alexnet", "--seed", "-1"], "seed is a whole number"),
        (["alexnet", "--batch", "0"], "batch is a whole number"),
    ],
)
def test_the_command_wants_one_thing_to_do(arguments: list[str], message: str) -> None:
    """A network, the zoo or a certificate: one of them, and only what belongs to it."""
    code, lines = invoke(*arguments)
    assert code == 2
    assert len(lines) == 1
    assert message in lines[0]


def test_the_bar_goes_when_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal it shows what is being done, and erases itself; elsewhere it is silent."""

    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "MOMENT", 0)
    for stream in (Terminal(), StringIO()):
        monkeypatch.setattr("sys.stderr", stream)
        with progress.Bar("small") as bar:
            for turn in range(100):
                bar(3, 7, "CON\x1b]V")
                if "3 of 7" in stream.getvalue() or (turn > 2 and not stream.isatty()):
                    break
                time.sleep(0.05)
        if stream.isatty():
            assert "CON\\x1b]V  3 of 7" in stream.getvalue()
            assert stream.getvalue().endswith("\x1b[2K")
        else:
            assert stream.getvalue() == ""


def test_the_proof_shares_no_formula_with_what_it_proves() -> None:
    """Neither verify nor the kernels import the arithmetic that the rules are made of."""
    package = Path(cnncalc.__file__).parent
    files = [file for room in ("verification", "kernels") for file in (package / room).glob("*.py")]
    assert len(files) > 15
    for file in files:
        assert "cnncalc.arithmetic" not in file.read_text("utf-8"), file


def test_too_much_memory_is_one_line(path: str) -> None:
    """It says which layer and how much; exit code 2."""
    code, lines = invoke(path, "--limit-memory", "10MiB")
    assert code == 2
    assert len(lines) == 1
    assert "CONV1: would take 64.0 MiB while it runs" in lines[0]
    assert "Raise it with --limit-memory." in lines[0]


def test_ctrl_c_prints_what_was_done(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table has the layers that were run; exit code 130."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cnncalc.AvgPool, "forward", stop)
    code, lines = invoke(path)
    assert code == 130
    assert lines[-1] == "✗ Interrupted: 4 of 6 layers were run, all as claimed."
    assert not any("POOL2" in line for line in lines)


def test_the_zoo_is_summed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line for each network; what takes too much is listed as not run, and is no failure."""
    entries = [
        e for e in shipped.index() if e.name in ("lenet", "linear_softmax", "fully_connected")
    ]
    monkeypatch.setattr(shipped, "index", lambda: entries)
    code, lines = invoke("--zoo", "--limit-memory", "1GiB")
    assert code == 0
    assert sum(line.startswith("✓ ") for line in lines) == len(entries)
    assert any("fully_connected: not run: " in line and "3.6 TiB" in line for line in lines)
    assert re.match(r"✓ \d of \d networks run, all as claimed: .* values\. 1 not run\.$", lines[-1])


def test_the_zoo_stops_cleanly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C prints what was done; exit code 130. A network that differs is exit code 1."""
    entries = [entry for entry in shipped.index() if entry.name == "lenet"] * 2
    monkeypatch.setattr(shipped, "index", lambda: entries)
    right = api.verify
    calls: list[str] = []

    def verify(name: str, **options: Any) -> Any:
        calls.append(name)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return right(name, **options)

    monkeypatch.setattr(api, "verify", verify)
    code, lines = invoke("--zoo")
    assert code == 130
    assert lines[-1] == "✗ Interrupted: 1 of 2 networks run, all as claimed."
    calls[:] = ["", "", ""]
    fc = cnncalc.Fc
    cost = fc.cost
    monkeypatch.setattr(fc, "cost", lambda self, *v: cost(self, *v).times(2))
    code, lines = invoke("--zoo")
    assert code == 1
    assert lines[-1] == "✗ 2 of 2 networks differ from what was claimed."
    assert any(line.strip().startswith("lenet: FC") and "FLOPs" in line for line in lines)
