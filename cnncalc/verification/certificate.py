"""The certificate: claims, findings, digests and samples as plain data, and its replay."""

from __future__ import annotations

import json
import math
import os
import platform
import sys
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from cnncalc import readers
from cnncalc.errors import Problem, ReadError, printable
from cnncalc.model.printable import Tabular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cnncalc.layers.base import Shapes
    from cnncalc.verification.result import Verification
    from cnncalc.verification.run import Finding, Quantities
    from cnncalc.verification.samples import Sample
    from cnncalc.verification.small_run import SmallRun

# Grows when what it holds changes, or seeded arrays or picked samples, as digests differ then.
VERSION = 3
# Of a certificate that is read: bytes, and values. ResNet-1202, of 4,209 layers, has 13 MB and a
# million values; at both bounds reading takes 190 MB.
LARGEST, MOST_VALUES = 32 * 2**20, 2 * 10**6
MOST_DIFFERENCES = 1000

# What may differ between two machines.
INCIDENTAL = {"versions", "machine", "seconds", "forward_seconds"}


def to_dict(result: Verification, source: str | None = None) -> dict[str, Any]:
    """Return the certificate of a run as plain dicts, lists, numbers and text.

    `source` is the network as it was asked for. Numbers that are not finite are text.
    """
    import numpy

    import cnncalc

    report = result.report
    return {
        "certificate": VERSION,
        "versions": {
            "cnncalc": cnncalc.__version__,
            "numpy": numpy.__version__,
            "python": platform.python_version(),
        },
        "machine": {
            "system": platform.system(),
            "processor": platform.machine(),
            "byteorder": sys.byteorder,
            "cores": os.cpu_count(),
        },
        "network": {
            "name": report.name,
            "source": source,
            "variant": report.variant,
            "input": str(report.input),
            "set": {
                name: value if type(value) in (int, bool) else str(value)
                for name, value in report.settings.items()
                if name != "input"
            },
            "batch": report.batch,
        },
        "seed": result.seed,
        "input_digest": result.input_digest,
        "layers": [_layer(layer) for layer in result.layers],
        "peak_bytes": {"claimed": result.claimed_peak_bytes, "found": result.peak_bytes},
        "forward_seconds": result.forward_seconds,
        "expect": [
            {"name": each.name, "stated": each.stated, "found": each.found, "met": each.met}
            for each in result.expectations
        ],
        "failures": [list(failure) for failure in result.failures],
        "complete": result.complete,
        "ok": result.ok,
    }


def _layer(layer: Finding) -> dict[str, Any]:
    field = layer.receptive_field
    return {
        "path": layer.path,
        "type": layer.type,
        "inputs": [str(volume) for volume in layer.inputs],
        "claimed": _quantities(layer.claimed),
        "found": {**_quantities(layer.found), "effective_macs": layer.found.effective_macs},
        "digests": dict(layer.digests),
        "live_bytes": layer.live_bytes,
        "seconds": layer.seconds,
        "problem": layer.problem,
        "receptive_field": None if field is None else list(field.size),
        "samples": [_sample(sample) for sample in layer.samples],
        "alone": None if layer.alone is None else _alone(layer.alone),
    }


def _alone(run: SmallRun) -> dict[str, Any]:
    return {
        "inputs": [str(volume) for volume in run.inputs],
        "claimed": run.claimed._asdict(),
        "counted": None if run.counted is None else run.counted._asdict(),
        "values": len(run.samples),
        "wrong": len(run.wrong),
    }


def _sample(sample: Sample) -> dict[str, Any]:
    expected = sample.expected
    return {
        "at": list(expected.at),
        "found": _finite(sample.found),
        "value": _finite(expected.value),
        "bound": _finite(expected.bound),
        "magnitude": _finite(expected.magnitude),
    }


def _quantities(of: Quantities) -> dict[str, Any]:
    return {
        "output": str(of.output) if of.output is not None else None,
        "parameters": _shapes(of.parameters),
        "buffers": _shapes(of.buffers),
        "macs": of.macs,
    }


def _shapes(shapes: Shapes) -> dict[str, list[int]]:
    return {name: list(shape) for name, shape in shapes.items()}


def _finite(number: float) -> float | str:
    return number if math.isfinite(number) else str(number)


def dumps(certificate: Mapping[str, Any]) -> str:
    """Return a certificate as JSON text: a line for each layer."""
    layers = certificate["layers"]
    head = json.dumps({**certificate, "layers": []}, indent=2, allow_nan=False)
    lines = ",\n".join("    " + json.dumps(layer, allow_nan=False) for layer in layers)
    return head.replace('"layers": []', f'"layers": [\n{lines}\n  ]', 1) + "\n"


def read(path: str) -> dict[str, Any]:
    """Return a certificate that was written to a file.

    Raises: ReadError if the file cannot be read or is no certificate.
    """
    data = readers.read_bytes(path, LARGEST)
    if len(data) > LARGEST:
        raise _unreadable(path, f"it is larger than {LARGEST >> 20} MiB")
    if sum(map(data.count, b",[{")) > MOST_VALUES:
        raise _unreadable(path, f"it has more than {MOST_VALUES:,} values")
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise _unreadable(path, "it is no JSON") from None
    version = found.get("certificate") if isinstance(found, dict) else None
    if type(version) is int and 0 < version < VERSION:
        raise _problem(
            f"{path}: cannot be replayed: it is a certificate of version {version}, and this "
            f"release compares those of version {VERSION}; make a new one with cnncalc verify "
            "NETWORK --certificate."
        )
    if version != VERSION:
        raise _unreadable(path, f"it is no certificate of version {VERSION}")
    certificate: dict[str, Any] = found
    return certificate


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _unreadable(path: str, why: str) -> ReadError:
    return _problem(
        f"{path}: cannot be replayed: {why}. Give a file that cnncalc verify --certificate wrote."
    )


def _problem(message: str) -> ReadError:
    return ReadError(Problem("certificate", message))


def options(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of `verify` with which a certificate was made: of type, not of worth.

    Raises: ReadError if they are not there.
    """
    network, seed = certificate.get("network"), certificate.get("seed")
    if isinstance(network, dict):
        given = {name: network.get(name) for name in ("source", "input", "variant", "set", "batch")}
        texts = (given["source"], given["input"], given["variant"])
        if (
            all(text is None or isinstance(text, str) for text in texts)
            and isinstance(given["set"], dict)
            and all(isinstance(value, (str, int)) for value in given["set"].values())
        ):
            layers = certificate.get("layers")
            probed = isinstance(layers, list) and any(
                isinstance(layer, dict) and layer.get("receptive_field") for layer in layers
            )
            return {**given, "seed": seed, "receptive_field": probed}
    raise _problem("the certificate does not say of which network it is.")


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Replay(Tabular):
    """A certificate, and where the run of the same network again differs from it.

    Attributes:
        path: of the certificate.
        theirs: what the certificate says.
        result: of the run again.
        differences: a line for each place that differs.
    """

    path: str
    theirs: Mapping[str, Any]
    result: Verification
    differences: Sequence[str]

    def __repr__(self) -> str:
        """Return which certificate it is of, and in how many places the run differs."""
        return f"<Replay of {self.path!r}: {len(self.differences)} differences>"


def differences(theirs: Any, ours: Any) -> list[str]:
    """Return the differences between a certificate and that of its replay, a line each.

    Claims, counts and digests are compared exactly. Samples are compared within the error bounds
    of their layer and of the layers before it, since a layer's input may differ by as much. The
    latter are taken of the layer's largest sample: a value that is small because its terms
    cancelled may be off by as much as a large one.

    >>> differences({"seed": 1, "versions": 1}, {"seed": 2, "versions": 3})
    ['seed: 1, now 2']
    """
    found = []
    for line in _differences(theirs, ours, "", [0.0]):
        found.append(line)
        if len(found) == MOST_DIFFERENCES:
            break
    return found


def _differences(theirs: Any, ours: Any, where: str, drift: list[float]) -> Iterator[str]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in [*ours, *(key for key in theirs if key not in ours)]:
            if key in INCIDENTAL:
                continue
            if key == "samples" and isinstance(theirs.get(key), list):
                yield from _samples(theirs[key], ours.get(key) or [], where, drift)
                continue
            place = f"{where}.{key}".lstrip(".")
            yield from _differences(theirs.get(key), ours.get(key), place, drift)
    elif isinstance(theirs, list) and isinstance(ours, list):
        for i, (their, our) in enumerate(zip_longest(theirs, ours)):
            label = our.get("path", i) if isinstance(our, dict) else i
            yield from _differences(their, our, f"{where}[{label}]", drift)
    elif type(theirs) is not type(ours) or theirs != ours:
        yield f"{printable(where)}: {_short(theirs)}, now {_short(ours)}"


def _samples(theirs: list[Any], ours: list[Any], where: str, drift: list[float]) -> Iterator[str]:
    """Yield the samples that differ by more than their bounds, and add to the drift."""
    most = {
        name: max((abs(each[name]) for each in ours if not isinstance(each[name], str)), default=0)
        for name in ("bound", "magnitude")
    }
    for i, (their, our) in enumerate(zip_longest(theirs, ours)):
        if i < min(len(theirs), len(ours)) and their == our:
            continue
        try:
            allowed = our["bound"] + drift[0] * most["magnitude"]
            same = (
                their["at"] == our["at"]
                and all(_near(their[name], our[name], allowed) for name in ("found", "value"))
                and all(_near(their[name], our[name], 0.01 * most[name]) for name in most)
                and _near(their["found"], their["value"], their["bound"])
            )
        except (TypeError, KeyError, IndexError, OverflowError):
            same = False
        if not same:
            yield f"{printable(where)}.samples[{i}]: {_short(their)}, now {_short(our)}"
    shares = [
        sample["bound"] / sample["magnitude"]
        for sample in ours
        if not isinstance(sample["bound"], str) and sample["magnitude"]
    ]
    drift[0] += max(shares, default=0.0)


def _near(one: Any, other: Any, distance: float) -> bool:
    """Return whether two numbers are no further apart; those that are text are the same."""
    return bool(one == other or abs(one - other) <= distance)


def _short(value: Any) -> str:
    text = printable(json.dumps(value, default=str))
    return text if len(text) <= 200 else text[:200] + "…"
