"""The work of `cnncalc verify`: one network, all that are shipped, or a certificate again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.cli import streams
from cnncalc.cli.problems import INTERRUPTED, WRONG
from cnncalc.cli.progress import Bar

if TYPE_CHECKING:
    from cnncalc.cli.options import Rows
    from cnncalc.cli.streams import Output
    from cnncalc.verification import Verification


def one(
    network: Any, options: dict[str, Any], certificate: str | None, rows: Rows, output: Output
) -> int:
    """Verify a network, print what was found, keep it; return the exit code."""
    result = run(network, {**options, "digests": certificate is not None})
    output.emit(result, source=network, **rows.options())
    if certificate is not None and not result.interrupted:
        from cnncalc.verification.certificate import dumps, to_dict

        streams.save(certificate, dumps(to_dict(result, network)))
    return code(result)


def run(network: Any, options: dict[str, Any]) -> Verification:
    """Run a network with a progress bar; return the verification, partial after Ctrl-C."""
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


def replay(path: str, network: Any, options: dict[str, Any], rows: Rows, output: Output) -> int:
    """Run again what a certificate describes, and print what differs; return the exit code."""
    from cnncalc.errors import Problem, ReadError
    from cnncalc.format import shipped
    from cnncalc.verification import certificate

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
        output.emit(result, source=network, **rows.options())
        return INTERRUPTED
    found = certificate.differences(theirs, certificate.to_dict(result, source))
    output.emit(certificate.Replay(path=path, theirs=theirs, result=result, differences=found))
    return WRONG * bool(found)


def zoo(options: dict[str, Any], output: Output) -> int:
    """Verify everything that is shipped, and print a line for each; return the exit code."""
    from cnncalc import api
    from cnncalc.verification.zoo import verify_all

    with Bar("zoo", remaining=True) as bar:
        found = verify_all(api.networks(), lambda name: api.verify(name, **options), bar)
    output.emit(found)
    return INTERRUPTED if found.interrupted else WRONG * (not found.ok)
