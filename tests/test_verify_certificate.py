"""Certificates, and what their replay finds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from small import CNN as NETWORK

import cnncalc
from cnncalc.cli import main
from cnncalc.errors import CnncalcError
from cnncalc.verification import certificate


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """Return the certificate of the small network."""
    result = cnncalc.verify(NETWORK, digests=True, receptive_field=True)
    return certificate.to_dict(result, "small.json")


def again(made: dict[str, Any]) -> dict[str, Any]:
    """Return a copy that can be changed."""
    copy: dict[str, Any] = json.loads(certificate.dumps(made))
    return copy


def test_a_certificate_is_complete(made: dict[str, Any]) -> None:
    """It has claims, findings, digests and samples of every layer, and survives JSON."""
    assert again(made) == made
    first = made["layers"][0]
    assert first["found"] == first["claimed"] | {"effective_macs": 97 * 118 * 12}
    assert first["claimed"]["parameters"] == {"weight": [4, 3, 3, 3], "bias": [4]}
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in first["digests"].values())
    assert len(first["samples"]) == 16
    assert made["ok"]
    assert made["seed"] == 0


def test_a_replay_agrees(made: dict[str, Any]) -> None:
    """The same run again differs in nothing, on whatever machine and in whatever time."""
    theirs = again(made)
    theirs["machine"] = theirs["versions"] = {}
    theirs["forward_seconds"] = 99
    for layer in theirs["layers"]:
        layer["seconds"] = 99
        for sample in layer["samples"]:  # another order of adding
            sample["found"] = sample["value"] + 0.2 * sample["bound"]
    assert certificate.differences(theirs, made) == []


def test_a_replay_lets_small_values_drift(made: dict[str, Any]) -> None:
    """What is near 0 as its terms cancelled may be off by as much as the layer's largest value."""
    theirs = again(made)
    relu = theirs["layers"][3]
    assert relu["type"] == "relu"
    largest = max(sample["magnitude"] for sample in relu["samples"])
    ours = again(theirs)
    for proof, value in ((theirs, 3e-7), (ours, 5e-7)):
        small = {"found": value, "value": value, "bound": 0.0, "magnitude": value}
        proof["layers"][3]["samples"][2].update(small)
    assert largest > 0.5
    assert certificate.differences(theirs, ours) == []
    theirs["layers"][3]["samples"][2].update(found=1e-3, value=1e-3, magnitude=1e-3)
    assert len(certificate.differences(theirs, ours)) == 1


def test_a_replay_of_what_overflows_agrees() -> None:
    """Numbers beyond float32 are text in a certificate, and the same in its replay."""
    square = {"merge": "multiply", "branches": [[], []]}
    network = {"name": "squares", "input": "4x4x2", "layers": [square] * 12}
    found = certificate.to_dict(cnncalc.verify(network), None)
    assert "inf" in certificate.dumps(found)
    assert certificate.differences(again(found), found) == []


CHANGES = {
    "layers[CONV1].claimed.macs": lambda c: c["layers"][0]["claimed"].update(macs=1),
    "layers[CONV1].digests.weight": lambda c: c["layers"][0]["digests"].update(weight="0" * 64),
    "layers[CONV2].found.output": lambda c: c["layers"][2]["found"].update(output="1x1x1"),
    "layers[FC].samples[1]": lambda c: c["layers"][5]["samples"][1].update(found=1e3),
    "layers[CONV1].samples[2]": lambda c: c["layers"][0]["samples"][2].update(value=1e3),
    "layers[CONV1].samples[3]": lambda c: c["layers"][0]["samples"][3].update(bound=1e9),
    "layers[CONV1].samples[4]": lambda c: c["layers"][0]["samples"].__setitem__(4, "no"),
    "layers[CONV1].samples[16]": lambda c: c["layers"][0]["samples"].append(None),
    "layers[POOL1].receptive_field[0]": lambda c: c["layers"][1]["receptive_field"].__setitem__(
        0, 9
    ),
    "seed": lambda c: c.update(seed=True),
    "input_digest": lambda c: c.update(input_digest=None),
    "layers[FC]": lambda c: c["layers"].pop(),
    "more": lambda c: c.update(more=[1]),
}


@pytest.mark.parametrize("where", CHANGES)
def test_a_replay_names_what_differs(where: str, made: dict[str, Any]) -> None:
    """A change of any claim, count, digest or sample is found, and only that."""
    theirs = again(made)
    CHANGES[where](theirs)
    (line,) = certificate.differences(theirs, made)
    assert line.startswith(f"{where}: ")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b'{"certificate": 4}',
        b"NaN",
        b"[" * 100_000,
        b'{"certificate": 3}',
        b'{"certificate": 3, "network": [], "seed": 0}',
        b'{"certificate": 3, "network": {"source": "alexnet", "set": {"a": []}}, "seed": 0}',
        b'{"certificate": 3, "network": {"source": "lenet", "set": {}, "batch": 1e99}, "seed": 0}',
        b'{"certificate": 3, "network": {"source": "/etc/hosts", "set": {}}, "seed": 0}',
        b'{"certificate": 3, "network": {"source": "../x", "set": {}, "batch": 1}, "seed": "0"}',
        b'{"certificate": 3, "network": {"source": null, "set": {}, "batch": 1}, "seed": 0}',
        b'{"certificate": ' + b"1" * 10_000 + b"}",
    ],
)
def test_hostile_certificates_are_refused(content: bytes, tmp_path: Path) -> None:
    """What is no certificate is one line and exit code 2; none makes us read another file."""
    file = tmp_path / "bad.json"
    file.write_bytes(content)
    shown = CliRunner().invoke(main, ["verify", "--replay", str(file)])
    assert shown.exit_code == 2
    assert len(shown.output.splitlines()) == 1
    assert "localhost" not in shown.output


def test_an_older_certificate_is_refused(made: dict[str, Any], tmp_path: Path) -> None:
    """It holds other things: nothing is run, and one sentence says what to do."""
    file = tmp_path / "old.json"
    file.write_text(certificate.dumps({**made, "certificate": certificate.VERSION - 1}))
    shown = CliRunner().invoke(main, ["verify", "--replay", str(file)])
    assert shown.exit_code == 2
    assert shown.output == (
        f"cnncalc: {file}: cannot be replayed: it is a certificate of version 2, and this "
        "release compares those of version 3; make a new one with cnncalc verify NETWORK "
        "--certificate.\n"
    )


def test_a_large_or_missing_certificate_is_refused(tmp_path: Path) -> None:
    """The bound of its size holds before anything is parsed."""
    file = tmp_path / "large.json"
    with file.open("wb") as stream:
        stream.truncate(certificate.LARGEST + 1)
    with pytest.raises(CnncalcError, match="larger than 32 MiB"):
        certificate.read(str(file))
    file.write_bytes(b"[" + b"[]," * certificate.MOST_VALUES + b"[]]")
    with pytest.raises(CnncalcError, match="more than 2,000,000 values"):
        certificate.read(str(file))
    with pytest.raises(CnncalcError, match="no such file"):
        certificate.read(str(tmp_path / "none.json"))
