"""Write what is derived: index and schema of architectures/, the stub, output of commands, counts.

`python tools/derive.py` writes them; a test holds each up to date.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import cnncalc
import counting
from cnncalc.cli import main
from cnncalc.layers import TYPES, layer_type, tags_of
from cnncalc.model.report import Report

ROOT = Path(__file__).parent.parent
ARCHITECTURES = ROOT / "architectures"

MARK = "\n<!-- the table ends here -->"  # in docs/format.md

# They have weights, but are no layers in the sense of "a network of 50 layers".
NOT_DEEP = tags_of("norm", "activation")


def depth(report: Report) -> int:
    """Return the number of layers with weights on the longest path to the output."""
    depths: list[int] = []
    for row in report.layers:
        before = max((depths[source] for source in row.sources), default=0)
        depths.append(before + (row.weights > 0 and row.type not in NOT_DEEP))
    return max(n for n, row in zip(depths, report.layers, strict=True) if not row.training)


def index() -> str:
    """Return architectures/index.json: a row for each file, or for each variant that it has."""
    rows = []
    for path in sorted(ARCHITECTURES.glob("*.yaml")):
        architecture = cnncalc.load(path)
        for variant in architecture.variants or [None]:
            report = cnncalc.analyze(architecture, variant=variant)
            row = {
                "name": variant or path.stem,
                "file": path.name,
                "variant": variant,
                "input": str(report.input),
                "parameters": report.parameters,
                "macs": report.macs,
                "depth": depth(report),
                "year": report.year,
                "title": report.title,
                "source": report.source,
                "competitions": [
                    {key: value for key, value in one.items() if key != "variants"}
                    for one in architecture.competitions
                    if variant in one.get("variants", [variant])
                ],
            }
            rows.append(json.dumps(row, ensure_ascii=False))
    return "[\n" + ",\n".join(rows) + "\n]\n"


def settings(tag: str) -> str:
    """Return a layer type's settings: the required ones bold, the others with their defaults."""
    shown = []
    for name, field in layer_type(tag).model_fields.items():
        if field.is_required():
            shown.append(f"**{name}**")
        elif field.default is None:
            shown.append(name)
        else:
            shown.append(f"{name} {json.dumps(field.default)}".replace('"', ""))
    return ", ".join(shown)


def format_page(text: str) -> str:
    """Return docs/format.md with its table of the layer types and their settings."""
    found = {tag: settings(tag) for tag in TYPES}
    rows = [f"| `{tag}` | {shown} |" for tag, shown in found.items() if shown]
    bare = ", ".join(f"`{tag}`" for tag, shown in found.items() if not shown)
    head = "| type | settings |\n|---|---|\n"
    before, _, after = text.partition(head)
    table = "\n".join(rows)
    return f"{before}{head}{table}\n\nWithout settings: {bare}.\n{after[after.index(MARK) :]}"


def readme(text: str) -> str:
    """Return README.md, or another page, with what each of its commands prints under it.

    The commands are the lines `$ cnncalc ...`; they run beside the files that its YAML blocks
    hold, each named in its first line.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, content in re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", text, re.M | re.S):
            Path(folder, name).write_text(f"# {name}\n{content}", encoding="utf-8")
        return re.sub(
            r"^\$ (cnncalc .*)\n(?:(?!\$ |```).*\n)*",
            lambda command: f"$ {command[1]}\n{output(command[1], folder)}",
            text,
            flags=re.M,
        )


def output(command: str, folder: str) -> str:
    """Return the output of a `cnncalc` command in a folder, in a terminal 80 columns wide."""
    arguments = shlex.split(command)[1:]
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc", *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def library_page(text: str) -> str:
    """Return docs/library.md with what each of its examples prints under it.

    The examples of its blocks run one after the other, as in one session, in a folder of their own.
    """
    names: dict[str, Any] = {}

    def block(found: re.Match[str]) -> str:
        examples = re.findall(r"^>>> .*\n(?:\.\.\. .*\n)*", found[1], re.M)
        return "```python\n" + "".join(example + ran(example, names) for example in examples)

    before = Path.cwd(), os.environ.get("COLUMNS")
    with tempfile.TemporaryDirectory() as folder:
        try:
            os.chdir(folder)
            os.environ["COLUMNS"] = "80"
            return re.sub(r"^```python\n(.*?)(?=^```$)", block, text, flags=re.M | re.S)
        finally:
            os.chdir(before[0])
            os.environ.pop("COLUMNS")
            os.environ |= {} if before[1] is None else {"COLUMNS": before[1]}


def ran(example: str, names: dict[str, Any]) -> str:
    """Run an example of a session; return its output."""
    source = re.sub(r"^(>>>|\.\.\.) ", "", example, flags=re.M)
    with redirect_stdout(StringIO()) as printed:
        exec(compile(source, "docs/library.md", "single"), names)
    return "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines())


def stub() -> str:
    """Return cnncalc/__init__.pyi: the public names and layer classes, as type checkers see them.

    At run time a name's module is imported when it is first used, which no checker can follow.
    """
    modules = {name: f"cnncalc.{module}" for name, module in cnncalc.PUBLIC.items()}
    modules |= {name: f"cnncalc.layers.{module}" for module, name in TYPES.values()}
    order = sorted(modules, key=lambda name: (modules[name], name.islower(), name.lower()))
    lines = [f"from {modules[name]} import {name} as {name}" for name in order]
    public = sorted(cnncalc.__all__, key=lambda name: (name.islower(), name))
    names = "".join(f'    "{name}",\n' for name in public)
    head = '"""The public names, with their types. Written by tools/derive.py."""\n\n'
    body = "\n".join(lines)
    return f"{head}{body}\n\n__version__: str\nPUBLIC: dict[str, str]\n__all__ = [\n{names}]\n"


def pictures() -> dict[str, str]:
    """Return the commands of docs/pictures.md, by the file that each writes."""
    text = (ROOT / "docs" / "pictures.md").read_text(encoding="utf-8")
    commands = re.findall(r"^cnncalc draw (.*) -o (\S+)$", text, re.M)
    return {f"docs/pictures/{file}": command for command, file in commands}


def picture(command: str, _: str = "") -> str:
    """Return the output of a `cnncalc draw` command."""
    return CliRunner().invoke(main, ["draw", *shlex.split(command)]).stdout


DERIVED: dict[str, Callable[[str], str]] = {
    "architectures/index.json": lambda _: index(),
    "architectures/schema.json": lambda _: output("cnncalc schema", "."),
    "cnncalc/__init__.pyi": lambda _: stub(),
    "docs/format.md": format_page,
    "README.md": readme,
    "docs/values.md": readme,
    "docs/library.md": library_page,
    "docs/counting.md": lambda _: counting.document(),
    **{file: partial(picture, command) for file, command in pictures().items()},
}


def derived(name: str) -> tuple[str, str]:
    """Return a derived file's present text, and the text that it should have."""
    path = ROOT / name
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return text, DERIVED[name](text)


if __name__ == "__main__":
    for name in DERIVED:
        before, after = derived(name)
        if before != after:
            (ROOT / name).write_text(after, encoding="utf-8", newline="\n")
        print(f"{name}: {'unchanged' if before == after else 'written'}")
