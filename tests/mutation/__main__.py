"""`make mutate`: judge a sample of mutants, say why a survivor is none, or write the table."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click

from tests.mutation import campaign, records, sites

ROOT = Path(__file__).parents[2]
FOLDERS = ("aid", "staking", "credit", "pool", "lending")


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Have the tests look at wrong contracts."""
    if context.invoked_subcommand is None:
        context.invoke(run)


@main.command()
@click.option(
    "--files", multiple=True, help="Patterns of sources, from the root; all five folders by default."
)
@click.option("--sample", default=200, show_default=True, help="How many mutants, those on record included.")
@click.option("--seed", default=7, show_default=True, help="Another one, another sample.")
@click.option("--workers", default=1, show_default=True, help="Copies that work side by side.")
@click.option(
    "--timeout", default=1_800, show_default=True, help="Seconds until tests that do not end have failed."
)
@click.option("--first/--everything", default=False, help="Leave survivors of the folder's tests at that.")
@click.option("--again", multiple=True, help="Ids of mutants on record to judge again.")
@click.option("--list", "listed", is_flag=True, help="Show the sample and judge nothing.")
def run(
    files: tuple[str, ...] = (),
    sample: int = 200,
    seed: int = 7,
    workers: int = 1,
    timeout: int = 1_800,
    first: bool = False,
    again: tuple[str, ...] = (),
    listed: bool = False,
) -> None:
    """Judge a sample of mutants; those on record are not judged again."""
    patterns = files or tuple(f"contracts/{folder}/*.vy" for folder in FOLDERS)
    paths = sorted({path for pattern in patterns for path in ROOT.glob(pattern)})
    found = sites.mutants(ROOT, paths)
    chosen = sites.sample(found, seed, sample)
    known = records.read()[0]
    left = [m for m in (found if again else chosen) if (m.id in again if again else m.id not in known)]
    click.echo(
        f"{len(found)} mutants in {len(paths)} files, {len(chosen)} in the sample, {len(left)} to judge"
    )
    if listed:
        for m in left:
            click.echo(f"{m.id} {m.path}:{m.line} {m.before}  →  {m.after}")
        return
    # or the tests under way would go on without anybody who waits for them
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for verdict in campaign.run(ROOT, left, workers, timeout, everything=not first):
        records.append(verdict)
        click.echo(
            f"{verdict.verdict:16} {verdict.seconds:5}s {verdict.path} {verdict.function}: "
            f"{verdict.before}  →  {verdict.after}  {verdict.by}"
        )
    records.TABLE.write_text(records.table(*records.read()))


@main.command()
@click.argument("mutant")
@click.argument("argument")
@click.option("--equal/--killed", default=True, help="Equal to the contract, or killed by a new test.")
def explain(mutant: str, argument: str, equal: bool) -> None:
    """Say why a survivor cannot be told from the contract, or which test kills it now."""
    if mutant not in records.read()[0]:
        raise click.ClickException(f"no mutant {mutant} is on record")
    records.append(records.Argument(mutant, argument, equal))
    records.TABLE.write_text(records.table(*records.read()))


@main.command()
def table() -> None:
    """Write the table anew."""
    records.TABLE.write_text(records.table(*records.read()))


if __name__ == "__main__":
    main()
