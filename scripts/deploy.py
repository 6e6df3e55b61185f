"""Install the protocol, or finish an installation that was interrupted."""

from pathlib import Path

import click
from rich.table import Table

from integrations.protocol.cli import (
    account_option,
    authority_table,
    balance_sheet,
    config_option,
    console,
    find_account,
    furnish,
    network_command,
    network_config,
)
from integrations.protocol.core import check_chain, open_book
from integrations.protocol.deployment import Deployment, Executed, recorded_gas
from integrations.protocol.preflight import check_parts


@network_command(None)
@account_option
@config_option
@click.option("--yes", is_flag=True, help="Broadcast on a live network; without it the plan is only shown.")
def cli(alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Install the protocol, or finish an installation that was interrupted.

    On a live network this is a dry run unless --yes is given: it shows what is left to do and the
    gas that each step took on a local chain. GOVERNOR ends with the configured timelock, and the
    installation ends closed: `ape run govern` opens it through the timelock. On a local chain the
    deployer governs, and the last steps open it.

    Examples:

      ape run deploy --network ethereum:local:foundry

      ape run deploy --network ethereum:sepolia:node --account me --config sepolia.yaml --yes
    """
    from ape import chain

    config = network_config(config_file)
    check_chain(config)
    book = open_book(config)
    deployer = find_account(alias, default=0)
    deployment = Deployment(config, book, deployer)
    console.print(
        f"network {config.network} (chain {config.chain_id}), deployer {deployer.address}, book {book.path}"
    )

    if config.live and not yes:
        table = Table("step", "state", "gas (local)", title="plan", title_justify="left")
        table.columns[2].justify = "right"
        check_parts(config, deployer)
        gas = recorded_gas()
        total = 0
        for step in deployment.steps():
            done = deployment.is_done(step)
            cost = 0 if done else gas.get(step.kind, 0)
            total += cost
            state = "kept, differs" if done and step.kept() else "done" if done else "to do"
            table.add_row(step.name, state, f"{cost:,}" if cost else "")
        console.print(table)
        price = chain.provider.gas_price
        console.print(
            f"about {total:,} gas, {total * price / 10**18:.4f} ETH at {price / 10**9:.2f} gwei; "
            "a dry run: add --yes to broadcast"
        )
        return

    table = Table("step", "gas", "transaction", title="deployment", title_justify="left")
    table.columns[1].justify = "right"
    executed: list[Executed] = []

    with console.status("deploying …") as status:

        def progress(step: Executed) -> None:
            executed.append(step)
            status.update(f"{len(executed)} steps, last: {step.name}")
            left = "kept, differs" if step.kept else "done before"
            table.add_row(step.name, f"{step.gas:,}" if step.gas else left, step.transaction)

        protocol = deployment.execute(progress)
        if protocol.is_open and not config.live and executed[0].gas:
            furnish(protocol)
    console.print(table)
    console.print(f"{sum(step.gas for step in executed):,} gas in all; addresses in {book.path}")
    kept = [step.name for step in executed if step.kept]
    if kept:
        console.print(f"left as they are, unlike the configuration: {', '.join(kept)}; GOVERNOR changes them")
    console.print(authority_table(protocol))
    console.print(balance_sheet(protocol.state()))
