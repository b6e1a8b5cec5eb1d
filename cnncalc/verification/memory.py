"""How much memory there is, and how much a network will take."""

from __future__ import annotations

import ctypes
import math
import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from cnncalc.errors import CnncalcError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.model.graph import Node

WORKSPACE = 64 * 2**20  # the most that a kernel takes beside its inputs, weights and output
FLOAT32 = 4
_TEXT = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*([KMGT]?)(i?)B?", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Return the bytes that a size names: `2GiB`, `500 MB`, `1.5G`, `65536`.

    Units: K, M, G, T are powers of 1000, Ki, Mi, Gi, Ti of 1024.
    Raises: CnncalcError if it is not a size above 0.

    >>> parse_size("2GiB"), parse_size("1.5 MB")
    (2147483648, 1500000)
    """
    match = _TEXT.fullmatch(text.strip())
    number = Fraction(match[1]) if match else 0
    if not match or not number:
        raise CnncalcError(
            Problem(
                "size",
                f"a size of memory is a number above 0 with a unit. Received {text[:60]!r}. "
                "Write it like 2GiB or 500MB.",
            )
        )
    base, power = 1024 if match[3] else 1000, " KMGT".index(match[2].upper() or " ")
    return math.ceil(number * Fraction(base) ** power)


def free_memory() -> int | None:
    """Return the bytes that a program may still take, None where the system does not tell."""
    found = [bytes_ for bytes_ in (_system(), _control_group()) if bytes_ is not None]
    return min(found, default=None)


def _system() -> int | None:
    if sys.platform == "win32":
        return _windows()
    try:
        line = re.search(r"^MemAvailable:\s+(\d+) kB", _read("/proc/meminfo"), re.MULTILINE)
        if line:
            return int(line[1]) * 1024
        # Elsewhere only what is installed is known to Python; half of it counts as free.
        return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")) // 2
    except (OSError, ValueError):
        return None


def _windows() -> int | None:
    if sys.platform != "win32":  # for the type checker, which reads for one system
        return None

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *[(name, ctypes.c_ulonglong) for name in ("total", "free", "a", "b", "c", "d", "e")],
        )

    status = Status(length=ctypes.sizeof(Status))
    done = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.free) if done else None


def _control_group() -> int | None:
    """Return the bytes that a container's limit leaves, in either kind of control group."""
    for folder, most, used in (
        ("/sys/fs/cgroup", "memory.max", "memory.current"),
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        try:
            return max(0, int(_read(f"{folder}/{most}")) - int(_read(f"{folder}/{used}")))
        except (OSError, ValueError):  # no such file, or the word max
            continue
    return None


def _read(path: str) -> str:
    return Path(path).read_text("ascii")


def trim_heap() -> None:
    """Return freed memory to the system where the C library would keep it, as on Linux."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryNeed:
    """The bytes that a layer takes while it runs.

    Attributes:
        path: of the layer.
        weights: bytes of its own arrays.
        activations: bytes of all activations that are alive then.
    """

    path: str
    weights: int
    activations: int

    @property
    def held(self) -> int:
        """Return the bytes of weights and activations."""
        return self.weights + self.activations

    @property
    def total(self) -> int:
        """Return the bytes of weights, activations and the kernels' workspace."""
        return self.held + WORKSPACE


def last_readers(nodes: Sequence[Node]) -> list[int]:
    """Return for each node the last that reads its output: itself if none does."""
    last = list(range(len(nodes)))
    for i, node in enumerate(nodes):
        for source in node.inputs:
            last[source] = i
    return last


def peak_need(nodes: Sequence[Node], batch: int) -> MemoryNeed:
    """Return the need of the layer that takes the most, `batch` samples at a time."""
    return max(memory_needs(nodes, batch), key=lambda need: need.total)


def memory_needs(nodes: Sequence[Node], batch: int) -> list[MemoryNeed]:
    """Return the need of each layer, `batch` samples at a time."""
    ending: list[list[int]] = [[] for _ in nodes]
    for source, reader in enumerate(last_readers(nodes)):
        ending[reader].append(source)
    live, found = 0, []
    for i, node in enumerate(nodes):
        live += FLOAT32 * batch * node.output.size
        weights = between = 0
        if node.layer is not None:
            volumes = [nodes[source].output for source in node.inputs]
            shapes = [
                *node.layer.parameters(node.output, *volumes).values(),
                *node.layer.buffers(node.output, *volumes).values(),
                *node.also.values(),
            ]
            weights = FLOAT32 * sum(map(math.prod, shapes))
            inner = node.layer.between(node.output, *volumes)
            between = FLOAT32 * batch * sum(volume.size for volume in inner)
        found.append(MemoryNeed(path=node.path, weights=weights, activations=live + between))
        live -= sum(FLOAT32 * batch * nodes[source].output.size for source in ending[i])
    return found


def all_at_once(nodes: Sequence[Node], batch: int) -> int:
    """Return the bytes that all weights and outputs of a network and a workspace take together."""
    outputs = FLOAT32 * batch * sum(node.output.size for node in nodes)
    return sum(need.weights for need in memory_needs(nodes, batch)) + outputs + WORKSPACE


def size_text(count: int) -> str:
    """Return bytes in the largest unit of 1024 that leaves at least 1, with one decimal.

    >>> size_text(1536), size_text(10**12)
    ('1.5 KiB', '931.3 GiB')
    """
    power = min((count.bit_length() - 1) // 10, 5) if count else 0
    if not power:
        return f"{count} byte" + "s" * (count != 1)
    tenths = (count * 10 + (1 << 10 * power - 1)) >> 10 * power
    return f"{tenths // 10}.{tenths % 10} {'KMGTP'[power - 1]}iB"
