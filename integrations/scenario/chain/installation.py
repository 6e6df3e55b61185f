"""Sets the scene on a chain: the protocol as the scenario wants it, its people, their money and approvals."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...protocol import AddressBook, NetworkConfig, Protocol
from ...protocol.artifacts import compile_project
from ...protocol.config import Credit, Holders, ReportKind, Reserve, Stablecoin, Staking, TBillVault
from ...protocol.core import connected_network
from ...protocol.errors import translated
from ..model import Scenario
from ..units import DAY, WAD, to_units
from .node import Node

FEED_DECIMALS = 8
KYC_VALIDITY = 730 * DAY  # the most that the Allowlist accepts
MAX_UINT = 2**256 - 1
ATTESTORS = 2


@dataclass(frozen=True)
class People:
    """Test accounts of Ape that hold the roles; the keeper holds none. The committee services deals, too."""

    governor: Any
    guardian: Any
    compliance: Any
    treasurer: Any
    keeper: Any
    committee: Any
    attestors: tuple[Any, ...]

    @property
    def servicer(self) -> Any:
        """Who issues receipts."""
        return self.committee


@dataclass(frozen=True)
class Installation:
    """What has been set up; `portfolio` is the credit desk or the mock.

    Coins and T-bill vaults are Ape contracts by their names in the scenario. The address book lies in
    `folder`, which goes with this: nothing outlives the run.
    """

    protocol: Protocol
    portfolio: Any
    coins: Mapping[str, Any]
    feeds: Mapping[str, Any]
    vaults: Mapping[str, Any]
    people: People
    actors: Mapping[str, Any]
    first_block: int
    folder: Any


def install(scenario: Scenario, node: Node) -> Installation:
    """Deploy and furnish everything at the second at which the node's clock stands.

    Raises:
        ProtocolError: The node or a contract refused.
    """
    from ape import accounts, project

    tests = [accounts.test_accounts[number] for number in range(8)]
    governor, guardian, compliance, treasurer, keeper, committee, *attestors = tests
    people = People(governor, guardian, compliance, treasurer, keeper, committee, tuple(attestors))
    first_block = node.block()
    with translated():
        compile_project(project)
        adopted = {
            name: (
                create(people.governor, project.TetherLike),
                create(people.governor, project.PriceFeed, FEED_DECIMALS, 10**FEED_DECIMALS),
            )
            for name, coin in scenario.stablecoins.items()
            if coin.style == "usdt"
        }
        config = configuration(scenario, people, adopted)
        folder = tempfile.TemporaryDirectory()
        genesis = str(node.request("eth_getBlockByNumber", "0x0", False)["hash"])
        book = AddressBook(Path(folder.name) / "local.json", config.chain_id, genesis)
        protocol = Protocol.deploy(people.governor, config, book=book)
        portfolio = _portfolio(scenario, protocol, people.governor)
        _schedule_terms(scenario, protocol, people.governor)
    found = Installation(
        protocol=protocol,
        portfolio=portfolio,
        coins={
            name: adopted[name][0] if name in adopted else protocol.coin(name).token
            for name in scenario.stablecoins
        },
        feeds={name: protocol.coin(name).feed for name in scenario.stablecoins},
        vaults={name: protocol.vault(name).token for name in scenario.reserve.vaults},
        people=people,
        actors={
            name: accounts.test_accounts.containers["test"].generate_account() for name in scenario.actors
        },
        first_block=first_block,
        folder=folder,
    )
    _furnish(scenario, found, node)
    return found


def configuration(
    scenario: Scenario, people: People, adopted: Mapping[str, tuple[Any, Any]]
) -> NetworkConfig:
    """Return what `Protocol.deploy` is to install; `adopted` are coins and feeds that exist already."""
    from ape import chain

    staking = scenario.staking
    return NetworkConfig(
        network=f"ethereum:{connected_network()}",
        chain_id=chain.chain_id,
        live=False,
        stablecoins=[
            Stablecoin(
                symbol=name,
                decimals=coin.decimals,
                token=adopted[name][0].address if name in adopted else None,
                feed=adopted[name][1].address if name in adopted else None,
                max_age=coin.max_age,
                mint_fee_bps=coin.mint_fee_bps,
                redeem_fee_bps=coin.redeem_fee_bps,
                deviation_bps=coin.deviation_bps,
                band_bps=coin.band_bps,
                cap=coin.cap,
                mint_capacity=coin.mint_limit,
                redeem_capacity=coin.redeem_limit,
            )
            for name, coin in scenario.stablecoins.items()
        ],
        vaults=[
            TBillVault(symbol=name, asset=vault.coin, cap=vault.cap, mock_rate_bps=vault.rate_bps)
            for name, vault in scenario.reserve.vaults.items()
        ],
        reserve=Reserve(
            total_cap=scenario.reserve.total_cap,
            deficit_delta_bps=scenario.reserve.deficit_delta_bps,
            buffer_bps=scenario.reserve.buffer_bps,
            max_growth_bps=scenario.reserve.max_growth_bps,
        ),
        staking=Staking(
            vesting_days=staking.vesting // DAY,
            **({} if staking.deposit_cap is None else {"deposit_cap": staking.deposit_cap}),
        ),
        roles=Holders(
            guardian=[people.guardian.address],
            compliance=[people.compliance.address],
            treasurer=[people.treasurer.address],
            credit=[people.committee.address],
            servicer=[people.servicer.address],
            attestor=[account.address for account in people.attestors],
        ),
        credit=_credit(scenario) if scenario.portfolio.kind == "deals" else None,
    )


def _credit(scenario: Scenario) -> Credit:
    """Return the credit side: two signatures a report, which may rise and fall as the world does."""
    terms = scenario.portfolio
    ages = {"APPRAISAL": terms.appraisal_age, "DSCR": terms.coverage_age, "TELEMETRY": terms.telemetry_age}
    return Credit(
        attestor_threshold=ATTESTORS,
        reports=[
            ReportKind(kind=kind, max_age_days=-(-age // DAY), max_rise_bps=5_000, max_fall_bps=5_000)
            for kind, age in ages.items()
        ],
    )


def _portfolio(scenario: Scenario, protocol: Protocol, governor: Any) -> Any:
    """Return the credit desk with the scenario's caps, or attach the mock."""
    from ape import project

    if scenario.portfolio.kind == "deals":
        deals, terms = protocol.contract("deals"), scenario.portfolio
        limits = deals.limits()
        wanted = (limits.max_ltv_bps, limits.min_coverage_bps, terms.deal_cap_bps, terms.borrower_cap_bps)
        deals.set_limits((*wanted, False), sender=governor)
        return protocol.contract("deal_desk")
    mock = create(governor, project.Portfolio, protocol.staked_aid.address, protocol.gateway.address)
    protocol.staked_aid.set_portfolio(mock, sender=governor)
    return mock


def create(deployer: Any, contract: Any, *arguments: Any) -> Any:
    """Deploy a mock. Ape's own `deploy` would trace the transaction, which takes longer than sending it."""
    from ...protocol.artifacts import contract_at

    receipt = deployer.call(contract.constructor.serialize_transaction(*arguments))
    return contract_at(contract.contract_type.name, receipt.contract_address)


def _schedule_terms(scenario: Scenario, protocol: Protocol, governor: Any) -> None:
    now = protocol.staked_aid.parameters(0)
    wanted = scenario.staking
    minimum = now.minimum if wanted.min_request is None else to_units(wanted.min_request, 18)
    terms = (wanted.window, minimum, wanted.reserve_floor_bps)
    if terms != (now.window, now.minimum, now.reserve_floor_bps):
        protocol.staked_aid.schedule_parameters(*terms, sender=governor)


def _furnish(scenario: Scenario, found: Installation, node: Node) -> None:
    """Give every actor coins, KYC, and every approval that an action may need."""
    protocol = found.protocol
    for name, feed in found.feeds.items():
        publish(node, feed, scenario.stablecoins[name].price, found.people.keeper)
    for name, account in found.actors.items():
        node.fund(account)
        for coin, amount in scenario.actors[name].balances.items():
            units = to_units(amount, scenario.decimals(coin))
            node.send(found.coins[coin].mint, account.address, units, sender=account)
        for token in found.coins.values():
            node.send(token.approve, protocol.gateway.address, MAX_UINT, sender=account)
            node.send(token.approve, found.portfolio.address, MAX_UINT, sender=account)
        for spender in (protocol.staked_aid, protocol.insurance, found.portfolio):
            node.send(protocol.aid.approve, spender.address, MAX_UINT, sender=account)
        if scenario.portfolio.kind == "deals":
            auction = protocol.contract("collateral_auction")
            for token in (*found.coins.values(), protocol.aid):
                node.send(token.approve, auction.address, MAX_UINT, sender=account)
            node.send(protocol.staked_aid.approve, found.portfolio.address, MAX_UINT, sender=account)
    known = [account.address for name, account in found.actors.items() if scenario.actors[name].kyc]
    if known:
        node.send(
            protocol.allowlist.set_kyc_many, known, node.time + KYC_VALIDITY, sender=found.people.compliance
        )


def publish(node: Node, feed: Any, price: int, sender: Any) -> None:
    """Let a feed report a price (WAD), rounded to the feed's decimals as an oracle would."""
    step = WAD // 10**FEED_DECIMALS
    node.send(feed.set_price, (price + step // 2) // step, sender=sender)
