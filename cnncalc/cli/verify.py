"""`cnncalc verify`: run a network in NumPy and hold every layer against its rules."""

from __future__ import annotations

import click

from cnncalc.cli.options import command, levels, names, option, settings

NETWORK, PROOF, ROWS, OUTPUT = "Network", "Proof", "Rows", "Output"


@command(
    "cnncalc verify alexnet",
    "cnncalc verify resnet50 --depth all --receptive-field",
    "cnncalc verify alexnet --certificate alexnet.json",
    "cnncalc verify --replay alexnet.json",
    "cnncalc verify --zoo",
)
@click.argument("network", metavar="[NETWORK]", required=False, shell_complete=names)
@option("--input", metavar="VOLUME", heading=NETWORK, help="Another input, such as 224x224x3.")
@option("--variant", metavar="NAME", heading=NETWORK, help="A variant of the file.")
@option(
    "--set",
    "given",
    metavar="NAME=VALUE",
    heading=NETWORK,
    multiple=True,
    callback=settings,
    help="A parameter of the file; may be repeated.",
)
@option("--batch", metavar="N", heading=NETWORK, type=int, default=1, help="Images at a time.  [1]")
@option("--zoo", heading=NETWORK, is_flag=True, help="Verify every shipped network instead.")
@option("--seed", metavar="N", heading=PROOF, type=int, default=0, help="Makes the arrays.  [0]")
@option(
    "--limit-memory",
    metavar="SIZE",
    heading=PROOF,
    help="Run nothing that takes more, such as 2GiB.  [half of what is free]",
)
@option(
    "--receptive-field",
    heading=PROOF,
    is_flag=True,
    help="Also find what each layer sees, by a NaN in the input.",
)
@option(
    "--certificate",
    metavar="FILE",
    heading=PROOF,
    type=click.Path(),
    help="Write claims, findings, digests and samples as JSON.",
)
@option(
    "--replay",
    metavar="FILE",
    heading=PROOF,
    type=click.Path(),
    help="Run what a certificate describes again, and compare.",
)
@option("--all-layers", heading=ROWS, is_flag=True, help="Show activations and dropout, too.")
@option(
    "--depth",
    metavar="N|all",
    heading=ROWS,
    default="1",
    callback=levels,
    help="Levels of blocks to open.  [1]",
)
@option(
    "--format",
    metavar="NAME",
    heading=OUTPUT,
    type=click.Choice(["table", "json"]),
    default="table",
    help="table or json.  [table]",
)
def verify(
    network: str | None,
    input: str | None,
    variant: str | None,
    given: dict[str, object],
    batch: int,
    zoo: bool,
    seed: int,
    limit_memory: str | None,
    receptive_field: bool,
    certificate: str | None,
    replay: str | None,
    all_layers: bool,
    depth: int | None,
    format: str,
) -> int:
    """Run NETWORK in NumPy on arrays made from a seed, and compare what comes out with its
    numbers, layer by layer: volumes, parameters, FLOPs, and sampled values.
    """
    from cnncalc.cli import proof

    if zoo + bool(network or replay) != 1:
        raise click.UsageError("give a NETWORK, or --zoo, or --replay FILE.")
    if (zoo or replay) and (input or variant or given or certificate):
        raise click.UsageError(
            "--input, --variant, --set and --certificate go with a NETWORK that is not replayed."
        )
    if replay and (seed, batch) != (0, 1):
        raise click.UsageError("--replay takes seed and batch from the certificate.")
    shown = proof.Shown(format, all_layers, depth)
    options: dict[str, object] = {"limit_memory": limit_memory}
    options["receptive_field"] = receptive_field
    if zoo:
        return proof.zoo({**options, "seed": seed, "batch": batch}, shown)
    if replay is not None:
        return proof.replay(replay, network, options, shown)
    options |= {"seed": seed, "batch": batch, "digests": certificate is not None}
    options |= {"input": input, "variant": variant, "set": given}
    return proof.one(network, options, certificate, shown)
