"""What `cnncalc verify` does: one network, all that are shipped, or a certificate again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.cli import streams
from cnncalc.cli.problems import INTERRUPTED, WRONG
from cnncalc.cli.progress import Bar

if TYPE_CHECKING:
    from cnncalc.verification import Verification
    from cnncalc.writers.zoo import Tried

OVERHEAD = 10**8  # multiply-accumulates that take as long as the rest of a small network
PER_PARAMETER = 20  # and as long as the making of a weight


class Shown(NamedTuple):
    """What the command prints of a result: its format, and which rows."""

    format: str
    all_layers: bool
    depth: int | None


def one(network: Any, options: dict[str, Any], certificate: str | None, shown: Shown) -> int:
    """Verify a network, print what was found, keep it; return the exit code."""
    if certificate is not None:
        streams.check_writable(certificate)
    result = run(network, options)
    show(result, shown, network)
    if certificate is not None and not result.interrupted:
        from cnncalc.verification.certificate import dumps, to_dict

        streams.write_file(certificate, dumps(to_dict(result, network)))
    return code(result)


def run(network: Any, options: dict[str, Any]) -> Verification:
    """Return what running a network shows, with a bar; on Ctrl-C what was done until then."""
    from cnncalc import api
    from cnncalc.verification import Interrupted

    try:
        with Bar(str(network)) as bar:
            return api.verify(network, **options, watch=bar)
    except Interrupted as interrupted:
        return interrupted.verification


def code(result: Verification) -> int:
    """Return the exit code of a result."""
    return INTERRUPTED if result.interrupted else WRONG * (not result.ok)


def show(result: Verification, shown: Shown, source: str | None) -> None:
    """Print a result as a table, or as JSON."""
    if shown.format == "json":
        from cnncalc.verification.certificate import dumps, to_dict

        sys.stdout.write(streams.fit(dumps(to_dict(result, source))))
        return
    from cnncalc.writers import Options, terminal, verification

    options = Options(all_layers=shown.all_layers, depth=shown.depth)
    verification.show(result, terminal.console(sys.stdout), options)


def replay(path: str, network: Any, options: dict[str, Any], shown: Shown) -> int:
    """Run again what a certificate describes, and print what differs; return the exit code."""
    from cnncalc.errors import Problem, ReadError
    from cnncalc.format import shipped
    from cnncalc.verification import certificate
    from cnncalc.writers import replay as writer
    from cnncalc.writers import terminal

    theirs = certificate.read(path)
    given = certificate.options(theirs)
    source = given.pop("source")
    if network is None:
        # A certificate makes nobody read a file but the shipped ones.
        if source is None or shipped.is_path(source):
            message = f"{path} is of a file of its own. Give that file as NETWORK, too."
            raise ReadError(Problem("certificate", message))
        network = source
    result = run(network, {**options, **given, "digests": True})
    if result.interrupted:
        show(result, shown, network)
        return INTERRUPTED
    found = certificate.differences(theirs, certificate.to_dict(result, source))
    writer.show(path, theirs, result, found, terminal.console(sys.stdout))
    return WRONG * bool(found)


def zoo(options: dict[str, Any], shown: Shown) -> int:
    """Verify everything that is shipped, and print a line for each; return the exit code."""
    from cnncalc import api
    from cnncalc.errors import CnncalcError, LimitError
    from cnncalc.format import shipped
    from cnncalc.verification import Interrupted
    from cnncalc.writers import terminal
    from cnncalc.writers import zoo as writer

    entries = shipped.index()
    work = [OVERHEAD + each.macs + PER_PARAMETER * each.parameters for each in entries]
    tried: list[Tried] = []
    interrupted = False
    try:
        with Bar("zoo", remaining=True) as bar:
            for i, entry in enumerate(entries):
                bar(i, len(entries), entry.name, sum(work[:i]) / sum(work))
                try:
                    result = api.verify(entry.name, **options)
                    tried.append(writer.tried(entry.name, result))
                except LimitError as error:
                    tried.append(writer.Tried(entry.name, not_run=str(error)))
                except CnncalcError as error:
                    tried.append(writer.Tried(entry.name, failures=(str(error),)))
    except (KeyboardInterrupt, Interrupted):
        interrupted = True
    writer.show(tried, len(entries), interrupted, shown.format, terminal.console(sys.stdout))
    if interrupted:
        return INTERRUPTED
    return WRONG * any(each.failures for each in tried)
