"""Show an installation: addresses, roles, parameters, balance sheet."""

from pathlib import Path

from rich.table import Table

from integrations.protocol.cli import (
    authority_table,
    balance_sheet,
    config_option,
    console,
    load_protocol,
    network_command,
    queue_table,
    show,
)
from integrations.protocol.roles import Role


@network_command(None)
@config_option
def cli(config_file: Path | None) -> None:
    """Show an installation: addresses, what is open and queued, roles, parameters, balance sheet.

    Example: ape run describe --network ethereum:local:foundry
    """
    protocol = load_protocol(config_file)
    addresses = Table(
        "contract", "type", "address", title=f"addresses, {protocol.config.network}", title_justify="left"
    )
    for name, entry in protocol.book.contracts.items():
        addresses.add_row(name, entry.contract, entry.address)
    console.print(addresses)

    console.print(authority_table(protocol))
    if "timelock" in protocol.book.contracts:
        console.print(queue_table(protocol))

    roles = Table("role", "holder", title="roles", title_justify="left")
    for role in Role:
        for holder in getattr(protocol.config.roles, role.name.lower(), []):
            held = protocol.roles.hasRole(role.value, holder)
            roles.add_row(role.name, holder if held else f"{holder} (configured, not held)")
    console.print(roles)

    parameters = Table("parameter", "value", title="parameters", title_justify="left")
    gateway = protocol.configurator.parameters()
    for name in gateway.__dataclass_fields__ if hasattr(gateway, "__dataclass_fields__") else gateway._fields:
        parameters.add_row(f"reserve {name}", f"{getattr(gateway, name):,}")
    state = protocol.state()
    terms = protocol.staked_aid.parameters(state.staking.cycle)
    cap, paused = protocol.staked_aid.deposit_limits()
    parameters.add_row("staking request window", f"{terms.window / 86_400:g} days")
    parameters.add_row("staking minimum request", f"{show(terms.minimum)} sAID")
    parameters.add_row("staking reserve floor", f"{terms.reserve_floor_bps:,} bps")
    parameters.add_row("staking deposit cap", f"{cap:,} AID{' (paused)' if paused else ''}")
    parameters.add_row("staking vesting period", f"{protocol.staked_aid.vesting_period() / 86_400:g} days")
    for terms in protocol.config.pools:
        pool = protocol.contract(f"pool.{terms.name}")
        fee = f"{pool.fee() / 10**6:g} bps, ×{pool.offpeg_fee_multiplier() / 10**10:g} off the peg"
        parameters.add_row(f"pool {terms.name}", f"A {pool.A_precise() / 100:g}, fee {fee}")
    parameters.add_row("pools' fees go to", protocol.pool_factory.fee_receiver())
    if protocol.config.credit is not None:
        limits = protocol.contract("deals").limits()
        gates = f"LTV {limits.max_ltv_bps:,} bps, coverage {limits.min_coverage_bps:,} bps"
        parameters.add_row("deals' gates", f"{gates}{' (paused)' if limits.paused else ''}")
        caps = f"{limits.deal_cap_bps:,} bps a deal, {limits.borrower_cap_bps:,} bps a borrower"
        parameters.add_row("deals' caps", f"{caps}, of what is staked")
        parameters.add_row("signatures of a report", str(protocol.contract("attestor").threshold()))
    for priced in protocol.config.oracles:
        oracle = protocol.contract(f"oracle.{priced.name}")
        rule = f"{show(oracle.nav(), 18, 6)} AID, rising at most {priced.max_rise_bps:,} bps in"
        parameters.add_row(f"oracle {priced.name}", f"{rule} {priced.period / 86_400:g} days")
    console.print(parameters)
    console.print(balance_sheet(state))
