"""Write the ABIs and storage layouts that the package ships."""

from pathlib import Path

import click

from integrations.protocol.artifacts import write_shipped


@click.command()
def cli() -> None:
    """Write the ABIs and storage layouts that the package ships.

    Run it after a contract has changed; the test suite fails until it was.

    Example: ape run abi
    """
    changed = write_shipped(Path.cwd())
    for path in changed:
        click.echo(f"wrote {path.relative_to(Path.cwd())}")
    if not changed:
        click.echo("all up to date")
