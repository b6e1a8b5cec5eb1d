"""`cnncalc verify`: run a network in NumPy and compare every layer with its rules."""

from __future__ import annotations

import click

from cnncalc.cli import file_types, options, streams

NETWORK, PROOF, ROWS, OUTPUT = "Network", "Proof", "Rows", "Output"


@options.command(
    "cnncalc verify alexnet",
    "cnncalc verify resnet50 --depth all --receptive-field",
    "cnncalc verify alexnet --certificate alexnet.json",
    "cnncalc verify --replay alexnet.json",
    "cnncalc verify --zoo",
)
@click.argument("network", metavar="[NETWORK]", required=False, type=file_types.NETWORK)
@options.overrides(NETWORK)
@options.batch(NETWORK)
@options.option(
    "--zoo", heading=NETWORK, is_flag=True, help="Verify every shipped network instead."
)
@options.option(
    "--seed", metavar="N", heading=PROOF, type=int, default=0, help="The seed of the arrays.  [0]"
)
@options.option(
    "--limit-memory",
    metavar="SIZE",
    heading=PROOF,
    help="Refuse a network that takes more, such as 2GiB.  [half of what is free]",
)
@options.option(
    "--receptive-field",
    heading=PROOF,
    is_flag=True,
    help="Also find what each layer sees, by a NaN in the input.",
)
@options.option(
    "--certificate",
    metavar="FILE",
    heading=PROOF,
    type=file_types.WRITTEN,
    help="Write a certificate: claims, findings, digests and samples as JSON.",
)
@options.option(
    "--replay",
    metavar="FILE",
    heading=PROOF,
    type=file_types.READ,
    help="Run what a certificate describes again, and compare.",
)
@options.rows(ROWS)
@options.output(options.table("writers:FORMATS"), OUTPUT)
def verify(
    network: str | None,
    overrides: options.Overrides,
    batch: int,
    zoo: bool,
    seed: int,
    limit_memory: str | None,
    receptive_field: bool,
    certificate: str | None,
    replay: str | None,
    rows: options.Rows,
    output: streams.Output,
) -> int:
    """Run NETWORK in NumPy on arrays made from a seed, and compare what comes out with its
    numbers, layer by layer: volumes, parameters, FLOPs, and sampled values.
    """
    from cnncalc.cli import proof

    if zoo + bool(network or replay) != 1:
        raise click.UsageError("give a NETWORK, or --zoo, or --replay FILE.")
    if (zoo or replay) and (overrides or certificate):
        raise click.UsageError(
            "--input, --variant, --set and --certificate go with a NETWORK that is not replayed."
        )
    if replay and (seed, batch) != (0, 1):
        raise click.UsageError("--replay takes seed and batch from the certificate.")
    limits: dict[str, object] = {"limit_memory": limit_memory, "receptive_field": receptive_field}
    if replay is not None:
        return proof.replay(replay, network, limits, rows, output)
    limits |= {"seed": seed, "batch": batch}
    if zoo:
        return proof.zoo(limits, output)
    return proof.one(network, {**limits, **overrides.options()}, certificate, rows, output)
