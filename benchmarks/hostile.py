"""What each hostile input costs: `cnncalc analyze` in a process of its own, time and peak memory.

`python benchmarks/hostile.py`. The first line is an input that is fine, as what all pay for.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from measure import ended

MIB = 2**20


def network(*layers: object, **more: object) -> bytes:
    """Return a network of these elements, in JSON."""
    return json.dumps({"name": "n", "input": "32x32x3", "layers": layers, **more}).encode()


def nested(depth: int, width: int) -> object:
    """Return repeats of nothing within one another."""
    return {"repeat": width, "layers": [nested(depth - 1, width)] if depth else []}


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
INPUTS = {
    "small.json": network("relu"),
    "alias_bomb.yaml": LAUGHS.encode(),
    "duplicate_key.yaml": b"name: a\nname: b",
    "huge_kernel.json": network({"type": "conv", "filters": 1, "kernel": 10**9}),
    "huge_power.json": network({"type": "conv", "filters": 1, "kernel": "9 ** 9 ** 9"}),
    "nesting_10MB.yaml": b"[" * 10 * MIB,
    "nesting_10MB.json": b"[" * 10 * MIB,
    "nesting_1MB.yaml": b"[" * 999_999,
    "nesting_1MB.json": b'{"a":' * 199_999,
    "values_1MB.yaml": b"[" + b"1," * 499_000 + b"1]",
    "values_1MB.json": b"[" + b"1," * 499_000 + b"1]",
    "all_values.yaml": b"- 1\n" * 249_999,
    "long_number.json": b"[" + b"9" * 999_000 + b"]",
    "long_name.json": network({"type": "relu", "name": "n" * 990_000}),
    "unclosed_quote.yaml": b"a: '" + b"x\n" * 499_000,
    "nan.json": b'{"input": NaN}',
    "many_layers.json": network({"type": "relu", "repeat": 10_000}, nested(1, 10_000)),
    "copies_of_nothing.json": network(nested(3, 10_000)),
    "endless_block.json": network({"type": "b"}, blocks={"b": {"layers": [{"type": "b"}]}}),
    "many_problems.json": network(*[{"type": "cnv"}] * 50_000),
    "long_expression.json": network({"type": "fc", "units": "1" + "+1" * 400_000}),
    "deep_expression.json": network({"type": "fc", "units": "(" * 199}),
    "empty.yaml": b"",
    "binary.yaml": os.urandom(100_000),
    "utf_16.yaml": "name: a".encode("utf-16"),
}


def main() -> None:
    """Print a line for each input: seconds, peak memory, exit code, and what was said."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, content in INPUTS.items():
            paths.append(Path(folder, name))
            paths[-1].write_bytes(content)
        print(f"{'input':24}{'seconds':>8}{'MiB':>6}  exit  first line")
        for path in [*paths, Path(folder), Path("/dev/zero"), Path("no_such_file.yaml")]:
            command = [sys.executable, "-m", "cnncalc", "analyze", str(path)]
            seconds, peak, code, errors = ended(command)
            said = (errors.splitlines() or [""])[0].replace(folder + os.sep, "")
            print(f"{path.name:24}{seconds:8.2f}{peak:6.0f}{code:6}  {said[:90]}", flush=True)


if __name__ == "__main__":
    main()
