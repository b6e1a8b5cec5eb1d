"""The table of a run: claims in rows, what differs right under them, and the sentences below."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.writers import Options, sentences, table_lines, terminal
from cnncalc.writers.columns import volume
from cnncalc.writers.grid import Part, measure
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cnncalc.verification import Finding, Verification
    from cnncalc.verification.small_run import SmallRun
    from cnncalc.volume import Volume
    from cnncalc.writers.table_lines import TableLine

SHOWN_FAILURES = 20
NARROWING = ("effective", "GFLOP/s", "ms", "error")  # what goes first, where there is little room


class ResultTable:
    """The table of a result: its columns, and the sentences under it.

    On a terminal of an encoding, rails show what lies in blocks; elsewhere names are whole.
    """

    def __init__(self, result: Verification, options: Options, encoding: str | None = None) -> None:
        self.result, self.options = result, options
        self.encoding, self.rails = encoding or "utf-8", encoding is not None
        self.lines = table_lines.lines(result.report, options)
        done = len(result.layers)
        self.effective_shown = False
        # The input's row is the first of the report, and was not run.
        self.shown = [
            line
            for line in self.lines.shown
            if 0 < line.first <= done and (line.rows or self.rails)
        ]

    def _findings(self, line: TableLine) -> Sequence[Finding]:
        return self.result.layers[max(line.first - 1, 0) : line.last - 1] if line.rows else ()

    # --- the table ----------------------------------------------------------------------------

    def parts(self, width: float) -> list[Part]:
        """Return the columns that the width has room for."""
        found = [self._mark(), self._layer(), self._output()]
        found += [self._count("parameters"), self._count("FLOPs")]
        found.append(self._effective())
        found += [self._number("error", _error), self._number("ms", _milliseconds)]
        found.append(self._number("GFLOP/s", _speed))
        if self.probed:
            found.insert(6, self._field())
        for name in NARROWING:
            if measure(found) > width:
                found = [part for part in found if part.head != name]
        self.effective_shown = any(part.head == "effective" for part in found)
        return found

    def _mark(self) -> Part:
        return Part("", [self._sign(self._findings(line)) for line in self.shown], right=False)

    def _sign(self, findings: Sequence[Finding]) -> Text:
        if any(finding.wrong for finding in findings):
            return Text(terminal.fit("✗", self.encoding), "red")
        if not findings or not all(finding.ran for finding in findings):
            return Text(" ")
        return Text(terminal.fit("✓", self.encoding), "green")

    def _layer(self) -> Part:
        found = "\nfound"
        cells = []
        for line in self.shown:
            prefix, label = (line.prefix, line.label) if self.rails else ("", line.name)
            cell = Text.assemble(
                (terminal.fit(prefix, self.encoding), "dim"),
                (terminal.fit(label or line.phrase, self.encoding), "bold"),
            )
            if any(map(self._differs, self._findings(line))):
                cell.append(found, "red")
            cells.append(cell)
        total = Text("TOTAL", "bold")
        if any(map(self._differs, self.result.layers)):
            total.append(found, "red")
        return Part("layer", cells, total, right=False)

    def _differs(self, finding: Finding) -> bool:
        """Return whether there is something to show under a layer's claims."""
        return {"volume", "parameters", "FLOPs"}.intersection(finding.wrong) != set()

    def _output(self) -> Part:
        cells = []
        for line in self.shown:
            findings = self._findings(line)
            cell = Text()
            if findings:
                last = next((f for f in reversed(findings) if not f.training), findings[-1])
                cell.append(self._volume(last.claimed.output))
                if "volume" in last.wrong:
                    cell.append("\n" + self._volume(last.found.output), "red")
            cells.append(cell)
        return Part("output", cells)

    def _volume(self, value: Volume | None) -> str:
        return volume(value, self.options.layout) if value is not None else ""

    def _count(self, name: str) -> Part:
        """Return the column of a count: the claims, and under them what was found instead."""
        cells = [self._pair(name, self._findings(line)) for line in self.shown]
        return Part(name, cells, self._pair(name, self.result.layers, "bold"))

    def _pair(self, name: str, findings: Sequence[Finding], style: str = "") -> Text:
        if not any(finding.ran for finding in findings):
            return Text()
        of = _entries if name == "parameters" else _macs
        claimed = sum(of(finding, True) for finding in findings)
        text = Text(units.group(claimed), style or ("" if claimed else "dim"))
        if any(name in finding.wrong for finding in findings):
            text.append("\n" + units.group(sum(of(finding, False) for finding in findings)), "red")
        return text

    def _effective(self) -> Part:
        """Return the column of the products that met no padding."""

        def cell(findings: Sequence[Finding]) -> str:
            counts = [f.found.effective_macs or 0 for f in findings if not f.training]
            return units.group(sum(counts)) if any(f.ran for f in findings) else ""

        texts = [cell(self._findings(line)) for line in self.shown]
        cells = [Text(text, "dim" if text == "0" else "") for text in texts]
        return Part("effective", cells, cell(self.result.layers))

    def _number(self, name: str, of: Callable[[Sequence[Finding]], str]) -> Part:
        cells = []
        for line in self.shown:
            text = of(self._findings(line))
            bad = name == "error" and any("values" in f.wrong for f in self._findings(line))
            cells.append(Text(text, "red" if bad else "dim" if text == "0" else ""))
        return Part(name, cells, "" if name == "error" else of(self.result.layers))

    @property
    def probed(self) -> int:
        """Return of how many layers the receptive field was found."""
        fields = [
            layer.receptive_field
            for layer in self.result.layers
            if layer.receptive_field is not None
        ]
        return sum(None not in field.size or field.problem != "" for field in fields)

    def _field(self) -> Part:
        """Return the column of what NaN found each layer to see: blank where it could not."""
        cells = []
        for line in self.shown:
            field = next(
                (f.receptive_field for f in reversed(self._findings(line)) if not f.training), None
            )
            cell = Text()
            if field is not None and field.problem:
                cell = Text(terminal.fit("✗", self.encoding), "red")
            elif field is not None and None not in field.size:
                cell = Text("x".join(map(str, field.size)))
            cells.append(cell)
        return Part("sees", cells)

    # --- what stands under it -------------------------------------------------------------------

    def caption(self) -> Iterable[str]:
        """Yield the sentences that say what the columns are, and what was left out."""
        if any(map(self._differs, self.result.layers)):
            yield "Rows show the claims; found: what the run gave instead."
        effective = "; effective: those that met no padding" if self.effective_shown else ""
        most = max((len(layer.samples) for layer in self.result.layers), default=0)
        yield (
            "parameters: entries of the arrays used. FLOPs: multiply-accumulates that the kernels "
            f"ran (convention mac){effective}. error: largest of "
            f"{units.plural(most, 'sampled output')} against the definition in float64, over the "
            "sum of its absolute terms."
        )
        if self.result.complete:
            found, claimed = self.result.peak_bytes, self.result.claimed_peak_bytes
            text = f"At most {units.group(found)} bytes of activations were alive at once, "
            yield text + ("as claimed." if found == claimed else f"not {units.group(claimed)}.")
        if name := self.result.overflows:
            yield (
                f"From {printable(name)} on values are beyond float32, or no numbers: "
                "such samples prove nothing."
            )
        if blind := [layer for layer in self.result.layers if layer.ok and not layer.samples]:
            first = printable(blind[0].path)
            yield (
                f"No value of {units.plural(len(blind), 'layer')} was compared with its "
                f"definition, from {first} on: the windows are too wide to be followed."
            )
        if distinct := {
            id(layer.alone): layer.alone for layer in self.result.layers if layer.alone
        }:
            yield (
                f"{units.plural(len(distinct), 'distinct layer')} ran alone, too, on small "
                "volumes: all their operations were counted, and values beside negative ones."
            )
        if self.result.unchecked:
            yield "The file's expect is of another input or other parameters: not checked."
        if uncounted := [layer for layer in self.result.layers if layer.ran and not layer.counted]:
            yield (
                f"The operations of {units.plural(len(uncounted), 'layer')} were not counted, from "
                f"{printable(uncounted[0].path)} on."
            )
        if self.probed:
            yield (
                "sees: the receptive field of the widest units, as found by NaN in the input. "
                "Blank where its border meets padding everywhere (a larger --input may show it), "
                "or where no more than a bound is known."
            )
        yield sentences.folded(self.lines, self.options.depth)
        if self.lines.hidden:
            hidden = table_lines.hidden_phrase(self.lines.hidden)
            yield f"Left out: {hidden}; checked all the same (--all-layers)."

    def details(self) -> list[str]:
        """Return a line for each failure that the table cannot show."""
        found = [str(expectation) for expectation in self.result.unmet]
        for layer in self.result.layers:
            path = printable(layer.path)
            found += self._alone(layer)
            for kind in ("parameters", "buffers"):
                if kind in layer.wrong:
                    found.append(
                        f"{path} {kind}: {_arrays(getattr(layer.claimed, kind))}; "
                        f"found {_arrays(getattr(layer.found, kind))}."
                    )
            wrong = [sample for sample in layer.samples if not sample.ok]
            if wrong:
                one, expected = wrong[0], wrong[0].expected
                found.append(
                    f"{path} values: {len(wrong)} of {len(layer.samples)} wrong; at "
                    f"{list(expected.at)} {expected.value:.9g} within {expected.bound:.1e}, "
                    f"found {one.found:.9g}."
                )
            if layer.receptive_field is not None and layer.receptive_field.problem:
                found.append(f"{path} receptive field: {layer.receptive_field.problem}.")
            if layer.overwrote:
                found.append(f"{path} inputs: it wrote over values that others may still read.")
            if layer.report_differs:
                found.append(f"{path} report: {layer.report_differs}.")
            if not layer.ran:
                found.append(f"{path}: not run: {printable(layer.problem).rstrip('.')}.")
        more = len(found) - SHOWN_FAILURES
        return found[:SHOWN_FAILURES] + ([f"… and {more:,} more"] if more > 0 else [])

    def _alone(self, layer: Finding) -> Iterable[str]:
        """Yield what is wrong with a layer alone on small volumes."""
        alone, path = layer.alone, printable(layer.path)
        if alone is None:
            return
        on = " and ".join(map(str, alone.inputs))
        if alone.miscounted:
            yield f"{path} operations on {on}: {_operations(alone)}."
        if "values alone" in layer.wrong:
            one, expected = alone.wrong[0], alone.wrong[0].expected
            yield (
                f"{path} values alone, on {on}: {len(alone.wrong)} of {len(alone.samples)} wrong; "
                f"at {list(expected.at)} {expected.value:.9g}, found {one.found:.9g}."
            )

    def verdict(self) -> str:
        """Return the line next to the prompt."""
        result, total = self.result, units.plural(self.result.total, "layer")
        wrong = len({path for path, _ in result.differing})
        idle = sum(not layer.ran for layer in result.layers)
        faults = []
        if wrong:
            listed = [f"{printable(path)} {what}" for path, what in result.differing]
            shown = ", ".join(listed[:SHOWN_FAILURES]) + ", …" * (len(listed) > SHOWN_FAILURES)
            verb = "differs" if wrong == 1 else "differ"
            faults.append(f"{wrong} of {total} {verb} from what was claimed: {shown}")
        if idle:
            faults.append(f"{idle} of {total} could not run")
        if result.unmet:
            stated = units.plural(len(result.expectations), "fact")
            verb = "is" if len(result.unmet) == 1 else "are"
            faults.append(f"{len(result.unmet)} of {stated} under expect {verb} wrong")
        if result.interrupted:
            done = f"{units.group(len(result.layers) - idle)} of {total} were run"
            faults.insert(0, f"interrupted: {done}" + ", all as claimed" * (not wrong))
        if faults:
            text = "; ".join(faults)
            return f"✗ {text[0].upper()}{text[1:]}."
        proved = ["volumes", "parameters", "FLOPs"]
        if all(layer.counted for layer in result.layers):
            proved.append("operations")
        if self.probed:
            proved.append(units.plural(self.probed, "receptive field"))
        proved.append(units.plural(result.samples, "value"))
        if result.expectations:
            proved.append(f"{units.plural(len(result.expectations), 'fact')} under expect")
        every = f"All {total} are" if result.total > 1 else "The only layer is"
        return f"✓ {every} as claimed: {units.listing(proved)}."


def _entries(finding: Finding, claimed: bool) -> int:
    return (finding.claimed if claimed else finding.found).entries


def _macs(finding: Finding, claimed: bool) -> int:
    return 0 if finding.training else (finding.claimed if claimed else finding.found).macs or 0


def _error(findings: Sequence[Finding]) -> str:
    errors = [finding.error for finding in findings if finding.samples]
    if not errors:
        return ""
    return "nan" if any(map(math.isnan, errors)) else units.power_of_ten(max(errors))


def _milliseconds(findings: Sequence[Finding]) -> str:
    seconds = sum(finding.seconds for finding in findings)
    return units.rounded(Fraction(1000 * seconds), 1) if any(f.ran for f in findings) else ""


def _speed(findings: Sequence[Finding]) -> str:
    macs = sum(_macs(finding, False) for finding in findings)
    seconds = sum(finding.seconds for finding in findings)
    return units.rounded(Fraction(macs) / Fraction(seconds * 10**9), 0) if macs and seconds else ""


def _operations(alone: SmallRun) -> str:
    """Return the operations of a layer that are not as claimed, by their class."""
    assert alone.counted is not None
    pairs = zip(alone.claimed._asdict().items(), alone.counted, strict=True)
    return "; ".join(
        f"{units.group(claimed)} {kind} claimed, {units.group(counted)} by the definition"
        for (kind, claimed), counted in pairs
        if claimed != counted
    )


def _arrays(shapes: dict[str, tuple[int, ...]]) -> str:
    return units.listing([f"{n} {'x'.join(map(str, s))}" for n, s in shapes.items()]) or "none"
