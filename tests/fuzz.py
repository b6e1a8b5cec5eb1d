"""Mutated input for the command line: networks, sheets, keys, spreadsheets, command lines.

    python -m tests.fuzz --minutes 60 --seed 1 --keep findings

runs as many cases as there is time for and prints each finding once, shrunk. Every case is a
command in a process that is warm already. What is held: it ends with an exit code that
documentation names, within 2 seconds of processor time and 200 MiB beyond what the warm
process has; an error is a sentence on standard error, never a traceback; no control character
of the input reaches the output.
"""

from __future__ import annotations

import argparse
import base64
import csv
import io
import json
import os
import queue
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SECONDS = 2.0  # of processor time that one command may take
BYTES = 200 * 2**20  # that it may ask for beyond what the warm process holds
PATIENCE = 30.0  # seconds until a worker that says nothing is killed
MOST_TURNS = 10  # so many times, where others use the processor
CASES_PER_WORKER = 400  # caches grow: a new process starts from the same memory
EXIT_CODES = (0, 1, 2)
NO_MEMORY = "this needs more memory than there is"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Case:
    """A command line, and the files that stand in the folder where it runs."""

    arguments: tuple[str, ...]
    files: dict[str, bytes]

    def __str__(self) -> str:
        """Return the command as one would type it."""
        return " ".join(["cnncalc", *(ascii(word) for word in self.arguments)])


@dataclass(frozen=True, slots=True)
class Finding:
    """What a case did that no case may do."""

    kind: str  # the same for all cases of one fault: an exception and its line, "time", …
    detail: str


# --- what is mutated -----------------------------------------------------------------------

NETWORK = """\
name: Small
input: 32x32x3
parameters: {width: 8, depth: 2}
defaults: {conv: {kernel: 3, padding: half, then: [batch_norm, relu]}}
blocks:
  residual:
    parameters: {filters, stride: 1}
    merge: add
    branches:
      - - {type: conv, filters: filters, stride: stride}
      - - {type: conv, when: stride > 1 or channels != filters, kernel: 1, filters: filters,
           stride: stride}
layers:
  - {type: conv, name: stem, filters: width}
  - {type: residual, table: {name: [a, b], filters: [width, 2 * width]}, repeat: depth}
  - {type: conv_transpose, filters: 4, kernel: 2, stride: 2}
  - {merge: concat, branches: [[{type: max_pool, kernel: 3, stride: 1, padding: 1}], []]}
  - {type: upsample, scale: 2}
  - global_avg_pool
  - {type: fc, name: out, units: 10}
expect: {parameters: 6398}
"""
KEY = """\
network: lenet
columns: [output, parameters]
conventions: {flops: mac}
points: 2
credit: {rounded: 1/2}
follow_through: true
"""
SHEETS = {
    "sheet.md": """\
| layer | output volume | parameters | FLOPs |
|---|---|---:|---|
| CONV1 | 28x28x6 | 5*5*1*6+6 = 156 | 117.6K |
| POOL1 | 14 x 14 x 6 | 0 | - |
| CONV2 (5x5) | (10, 10, 16) | 2,416 (2400 + 16) | ~240 000 |
| total | | 61.7K | |
""",
    "sheet.csv": "layer;output;params\nCONV1;28x28x6;156\nPOOL1;14x14x6;0\nFC3;120;48.120\n",
    "sheet.txt": """\
[32x32x1] INPUT
[28x28x6] CONV1: 6 5x5 filters at stride 1, pad 0   156
[14x14x6] MAX POOL1: 2x2 filters at stride 2
conv1: 28x28x6, 156 parameters
Total params: 61,706
""",
    "sheet.yaml": """\
layers:
  CONV1: {output: 28x28x6, parameters: 156}
total: {parameters: 61706}
""",
    "sheet.json": '{"layers": {"CONV1": {"output": [28, 28, 6], "parameters": 156}}}',
}
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("analyze", "net.yaml"),
    ("analyze", "net.json", "--format", "json"),
    ("analyze", "net.yaml", "--all-layers", "--depth", "all", "--columns", "+receptive_field,step"),
    ("analyze", "net.yaml", "--format", "html"),
    ("draw", "net.yaml", "--depth", "all"),
    ("draw", "net.yaml", "lenet", "--format", "tikz"),
    (
        "apply",
        "conv",
        "--set",
        "kernel=2",
        "--set",
        "filters=2",
        "--array",
        "weight=1 0; 2 1 || 3",
        "--array",
        "bias=0",
        "1 1 2 4; 5 6 7 8; 3 2 1 0; 1 2 3 4",
    ),
    ("apply", "softmax", "1 2 3 | 4 5 6", "--format", "latex"),
    ("demo", "net.yaml", "stem"),
    ("explain", "net.yaml", "stem"),
    ("solve", "net.yaml"),
    ("diff", "net.yaml", "lenet"),
    ("worksheet", "net.yaml"),
    ("reconcile", "net.yaml", "4.1G"),
    ("quiz", "--count", "2", "--seed", "1"),
    ("list", "res"),
    ("list", "--layers", "conv"),
    ("show", "lenet"),
    ("apply", "conv", "--set", "kernel=2", "--set", "filters=1", "1 2 3; 4 5 6; 7 8 9"),
    ("analyze", "net.yaml", "lenet"),
    ("check", "sheet.md", "sheet.csv", "--key", "lenet", "--gradebook", "grades.csv"),
    ("solve", "--in", "227", "--kernel", "11", "--out", "55"),
    ("check", "sheet.md", "--key", "lenet"),
    ("check", "sheet.csv", "--key", "key.yaml", "--hints", "4"),
    ("check", "sheet.txt", "--key", "lenet", "--results", "junit"),
    ("check", "sheet.yaml", "--key", "lenet", "--lenient"),
)
WORDS = r"""
0 1 -1 2 3 7 64 65 255 1e9 1e400 -0 0x10 010 1_000 .5 nan inf null true no ~ x @ × · ² … ½
2147483647 2147483648 9999999999999999999999 99999999999999999999999999999999999999999
conv max_pool fc residual then from merge branches repeat table when name layers input é 語
[] {} [[]] {{}} &a *a !!python/object:os.system <<: --- ... | > % ` 'a "b #
* ** // % + - ( ) (( )) , ; : :: \ / . .. $ $( ^ & = == < > ? !
"""
SIGNS = ("\x00", "\x1b[31m", "\u202e", "\ufeff", "\udcff", "\r", "\t", "\n", "\n\n", "  ", "\u2028")
TOKENS = (*WORDS.split(), *SIGNS)
RUNS = "([{}])-|─│=#*_`'\"<>&,;:.\\/ \t\n0aé×\u200b"
OPTIONS = """
--input --set --variant --batch --columns --sort --depth --format -o --key --hints --results
--convention --dtype --layout --seed --count --in --kernel --stride --padding --out --of --exact
--figure --block --width --theme --array --digits --terms --outputs --help --
""".split()  # noqa: SIM905
VALUES = (
    *"""
0 -1 1 3 227 1..5 1e9 x 32x32x3 0x0x0 3x32x32 all width=4 width= =1 a=[1 mac json csv latex +step
macs,, net.yaml key.yaml . /dev/null nowhere/x.md é
""".split(),  # noqa: SIM905
    *("", "\x1b[31m", "a" * 3000, "9" * 30),
)


def text_mutated(draw: random.Random, text: str) -> str:
    """Return a text with one to eight changes: of tokens, lines, characters, long runs."""
    for _ in range(draw.choice((1, 1, 2, 3, 8))):
        pieces = re.findall(r"\w+|\s+|[^\w\s]", text) or [""]
        at = draw.randrange(len(pieces))
        match draw.randrange(8):
            case 0:
                pieces[at] = draw.choice(TOKENS)
            case 1:
                pieces.insert(at, draw.choice(TOKENS))
            case 2:
                del pieces[at : at + draw.choice((1, 1, 2, 10))]
            case 3:
                pieces[at] = pieces[draw.randrange(len(pieces))]
            case 4:
                end = at + draw.randrange(1, 30)
                pieces[at:end] = pieces[at:end] * draw.choice((2, 2, 3, 50))
            case 5:
                pieces.insert(at, draw.choice(RUNS) * draw.choice((2, 70, 1000, 20_000, 300_000)))
            case 6:
                lines = text.splitlines(keepends=True) or [""]
                one, other = draw.randrange(len(lines)), draw.randrange(len(lines))
                lines[one], lines[other] = lines[other], lines[one]
                pieces = lines
            case _:
                pieces[at] = str(draw.choice((0, 1, -1, 2, 10, 1000, 2**31, 10**20)))
        text = "".join(pieces)[:600_000]
    return text


def bytes_mutated(draw: random.Random, content: bytes) -> bytes:
    """Return bytes with some of them changed, gone, or said twice."""
    data = bytearray(content)
    for _ in range(draw.choice((1, 2, 8))):
        at = draw.randrange(max(1, len(data)))
        match draw.randrange(4):
            case 0:
                data[at : at + 1] = bytes([draw.randrange(256)])
            case 1:
                del data[at : at + draw.randrange(1, 40)]
            case 2:
                data[at:at] = data[at : at + draw.randrange(1, 200)]
            case _:
                data[at:at] = draw.choice((b"\xff\xfe", b"\x00", b"\xef\xbb\xbf", b"\xc3"))
    return bytes(data)


def mutated(draw: random.Random, text: str) -> bytes:
    """Return a mutated text, now and then damaged below its letters or in another encoding."""
    content = text_mutated(draw, text).encode("utf-8", "surrogatepass")
    if draw.random() < 0.1:
        content = bytes_mutated(draw, content)
    elif draw.random() < 0.05:
        content = content.decode("utf-8", "replace").encode(
            draw.choice(("utf-16", "cp1252")), "replace"
        )
    return content


def spreadsheet() -> bytes:
    """Return the Markdown sheet as a spreadsheet."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.create_sheet("answers", 0)
    for line in csv.reader(io.StringIO(SHEETS["sheet.csv"]), delimiter=";"):
        sheet.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def spreadsheet_mutated(draw: random.Random, content: bytes) -> bytes:
    """Return a spreadsheet with a mutated member, or with damaged bytes."""
    if draw.random() < 0.3:
        return bytes_mutated(draw, content)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", 8) as new:
        chosen = draw.choice(old.namelist())
        for name in old.namelist():
            inside = old.read(name)
            new.writestr(name, mutated(draw, inside.decode()) if name == chosen else inside)
    return file.getvalue()


def arguments_mutated(draw: random.Random, arguments: Sequence[str]) -> tuple[str, ...]:
    """Return a command line with options, values and words added, changed or gone."""
    words = list(arguments)
    for _ in range(draw.choice((1, 2, 4))):
        at = draw.randrange(1, len(words) + 1)
        match draw.randrange(4):
            case 0:
                words[at:at] = [draw.choice(OPTIONS), draw.choice(VALUES)]
            case 1:
                words[at : at + 1] = [draw.choice(VALUES)]
            case 2:
                words[at : at + 1] = (
                    [text_mutated(draw, words[at])[:5000]] if at < len(words) else []
                )
            case _:
                del words[at : at + 1]
    # An argument of a process holds no NUL and is text in the system's encoding.
    return tuple(word.replace("\0", "").encode("utf-8", "replace").decode() for word in words)


def network_json() -> str:
    """Return the network as JSON."""
    import yaml

    return json.dumps(yaml.safe_load(NETWORK), indent=1)


def drawn(seed: object) -> Case:
    """Return the case of a seed: always the same one."""
    draw = random.Random(str(seed))
    files = {"net.yaml": NETWORK, "net.json": network_json(), "key.yaml": KEY, **SHEETS}
    contents = {name: text.encode() for name, text in files.items()}
    arguments = draw.choice(COMMANDS)
    if draw.random() < 0.1:
        content = spreadsheet_mutated(draw, spreadsheet())
        return Case(("check", "sheet.xlsx", "--key", "lenet"), {"sheet.xlsx": content})
    named = [word for word in arguments if word in files]
    if named and draw.random() < 0.85:
        chosen = draw.choice(named)
        contents[chosen] = mutated(draw, files[chosen])
    else:
        arguments = arguments_mutated(draw, arguments)
    return Case(arguments, {name: contents[name] for name in files if name in arguments})


# --- the worker: runs cases in a warm process, and measures them -----------------------------


def work() -> None:
    """Run the cases that come in as lines of JSON, and answer each with a line."""
    from cnncalc.cli import main

    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def run(arguments: Sequence[str]) -> dict[str, object]:
        output, errors = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        code: object = 0
        said = ""
        sys.stdin = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        sys.stdout, sys.stderr = output, errors
        start = time.process_time()
        try:
            main.main(arguments)
        except SystemExit as end:
            code = end.code
        except BaseException as error:  # what is sought
            trace = error.__traceback__
            while trace and trace.tb_next:
                trace = trace.tb_next
            line = (
                f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
            )
            said = f"{type(error).__name__} at {line}: {str(error)[:200]}"
        seconds = time.process_time() - start
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        texts = []
        for stream in (output, errors):
            with suppress(ValueError):
                stream.flush()
            raw = stream.buffer.getvalue() if not stream.closed else b""
            texts.append(raw.decode("utf-8", "replace"))
        done = dict(zip(("output", "errors"), texts, strict=True))
        return {**done, "code": code, "said": said, "seconds": seconds}

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for arguments in COMMANDS:  # so that what is imported and built once is there
            _write(dict.fromkeys(("net.yaml",), NETWORK.encode()))
            _write({"net.json": network_json().encode(), "key.yaml": KEY.encode()})
            _write({name: text.encode() for name, text in SHEETS.items()})
            run(arguments)
        _write({"sheet.xlsx": spreadsheet()})
        run(("check", "sheet.xlsx", "--key", "lenet"))
        print("ready", file=answers, flush=True)
        for line in sys.__stdin__ or ():
            case = json.loads(line)
            for old in Path(folder).iterdir():
                if old.is_file():
                    old.unlink()
            _write({name: base64.b64decode(text) for name, text in case["files"].items()})
            _limit_memory()
            json.dump(run(case["arguments"]), answers)
            answers.write("\n")
            answers.flush()


def _processor_seconds(process: int) -> float:
    """Return the processor time that a process has had, where the system tells it."""
    with suppress(OSError, ValueError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return float("inf")


def _write(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        Path(name).write_bytes(content)


def _limit_memory() -> None:
    """Let the address space grow by `BYTES` from here, where the system can hold it so.

    The bound is set anew for each case: what one has left in a cache is not the next one's.
    """
    with suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


class Worker:
    """A warm process that runs cases, started anew when one of them ended it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()
        self._left = 0

    def run(self, case: Case) -> Finding | None:
        """Return what is wrong with what a case did, if anything is."""
        if self._process is None or not self._left:
            self._start()
        assert self._process
        assert self._process.stdin
        self._left -= 1
        files = {name: base64.b64encode(content).decode() for name, content in case.files.items()}
        with suppress(BrokenPipeError):
            self._process.stdin.write(
                json.dumps({"arguments": case.arguments, "files": files}) + "\n"
            )
            self._process.stdin.flush()
        line = self._next()
        if line is None:
            self.stop()
            return Finding("hangs", f"no end within {PATIENCE:.0f} s")
        if not line:
            self.stop()
            return Finding("dies", "the process ended")
        finding = judged(json.loads(line), case)
        if finding:
            self._left = 0  # what went wrong must not be what the next case is blamed for
        return finding

    def _next(self) -> str | None:
        """Return the next line of the process; None if it is late, and not for want of a turn."""
        assert self._process
        before = _processor_seconds(self._process.pid)
        for _ in range(MOST_TURNS):
            with suppress(queue.Empty):
                return self._lines.get(timeout=PATIENCE)
            if _processor_seconds(self._process.pid) - before > SECONDS:
                break
        return None

    def _start(self) -> None:
        self.stop()
        self._left = CASES_PER_WORKER
        self._process = process = subprocess.Popen(
            [sys.executable, __file__, "--worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        lines: queue.Queue[str] = queue.Queue()
        self._lines = lines

        def read() -> None:
            assert process.stdout
            for line in process.stdout:
                lines.put(line)
            lines.put("")

        threading.Thread(target=read, daemon=True).start()
        self._lines.get()  # it is ready

    def stop(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def __enter__(self) -> Worker:
        """Return the worker itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.stop()


def judged(done: dict[str, str | float | int], case: Case) -> Finding | None:
    """Return what is wrong with how a command ended, if anything is."""
    errors, output = str(done["errors"]), str(done["output"])
    where = " ".join(case.arguments[:2])
    if done["said"]:
        return Finding(" ".join(str(done["said"]).split()[:3]), str(done["said"]))
    if NO_MEMORY in errors:
        return Finding(f"memory of {where}", f"more than {BYTES >> 20} MiB")
    if float(done["seconds"]) > SECONDS:
        return Finding(f"time of {where}", f"{done['seconds']:.1f} s")
    if done["code"] not in EXIT_CODES:
        return Finding(f"exit code {done['code']}", f"ended with {done['code']}")
    if "Traceback (most recent call last)" in errors:
        return Finding("traceback", errors[-500:])
    if done["code"] == 2 and not (output + errors).strip():
        return Finding("silent", "exit code 2 without a word")
    if found := CONTROL.search(output + errors):
        return Finding("control character", f"{found[0]!r} in the output")
    return None


# --- finding and shrinking -------------------------------------------------------------------


def shrunk(case: Case, finds: Callable[[Case], bool], most: int = 400) -> Case:
    """Return a smaller case for which `finds` still holds, after `most` tries at the most."""
    tries = iter(range(most))

    def holds(smaller: Case) -> bool:
        return next(tries, None) is not None and finds(smaller)

    for i in reversed(range(1, len(case.arguments))):
        fewer = Case(case.arguments[:i] + case.arguments[i + 1 :], case.files)
        if holds(fewer):
            case = fewer
    for name in case.files:
        if name.endswith(".xlsx"):
            continue
        for split in (_lines, _halves):
            parts = split(case.files[name])
            size = len(parts) // 2
            while size:
                for at in reversed(range(0, len(parts), size)):
                    rest = parts[:at] + parts[at + size :]
                    smaller = Case(case.arguments, {**case.files, name: b"".join(rest)})
                    if holds(smaller):
                        case, parts = smaller, rest
                size //= 2
    return case


def _lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def _halves(content: bytes) -> list[bytes]:
    return [content[i : i + 1] for i in range(len(content))] if len(content) < 5000 else [content]


def search(seeds: Iterator[object], enough: Callable[[], bool]) -> Iterator[tuple[Case, Finding]]:
    """Yield a shrunk case and its finding for each kind of finding, once."""
    known: set[str] = set()
    with Worker() as worker:
        for seed in seeds:
            if enough():
                return
            case = drawn(seed)
            finding = worker.run(case)
            if finding is None or finding.kind in known:
                continue
            known.add(kind := finding.kind)

            def again(smaller: Case, kind: str = kind) -> bool:
                found = worker.run(smaller)
                return found is not None and found.kind == kind

            yield shrunk(case, again), finding


def main() -> int:
    """Search for as long as was asked, print and keep what is found; exit 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", default="0", help="another seed draws other cases")
    parser.add_argument("--keep", type=Path, help="a folder for the files of what is found")
    chosen = parser.parse_args()
    end = time.monotonic() + 60 * chosen.minutes
    count = [0]

    def seeds() -> Iterator[object]:
        while True:
            count[0] += 1
            yield f"{chosen.seed}:{count[0]}"

    found = 0
    for case, finding in search(seeds(), lambda: time.monotonic() > end):
        found += 1
        print(f"{finding.kind}: {finding.detail}\n    {case}\n    {case.files}"[:2000], flush=True)
        if chosen.keep:
            folder = chosen.keep / f"{found:03}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "command.txt").write_text(f"{case}\n{finding.detail}\n", encoding="utf-8")
            for name, content in case.files.items():
                (folder / name).write_bytes(content)
    print(f"{count[0]:,} cases, {found} kinds of findings")
    return int(found > 0)


if __name__ == "__main__":
    if sys.argv[1:] == ["--worker"]:
        work()
    else:
        sys.exit(main())
