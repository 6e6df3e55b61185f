"""Gas of every user action, against the committed table. `make bench` rewrites the table."""

from __future__ import annotations

import os

import ape
import pytest

from integrations.protocol import AddressBook, Protocol, load_config
from integrations.protocol.attestation import sign_attestation
from integrations.protocol.config import Governance, Holders
from integrations.protocol.deployment import record_gas, recorded_gas
from tests.conftest import CYCLE, DAY, NETWORK, WAD
from tests.gas import protocol_table, table
from tests.support.isolation import isolated
from tests.support.permit import sign_permit

UPDATE = os.environ.get("AID_BENCH") == "update"
COIN = 10**6
FOREVER = 2**256 - 1
FINITE = 10**40


def _travel(seconds: int) -> None:
    ape.chain.pending_timestamp += seconds
    ape.chain.mine()


@pytest.fixture(scope="module")
def busy(protocol, project, people, governor, treasurer, alice, bob, carol, usdc, usdt, tbill):
    """A protocol in use: reserve in two coins and T-bills, a deal on the book, holders, slots warm."""
    gateway, aid, vault = protocol.gateway, protocol.aid, protocol.staked_aid
    for user in (alice, bob, carol):
        for coin in (usdc, usdt):
            coin.approve(gateway, FINITE, sender=user)
            gateway.mint(coin, 100_000 * COIN, 0, sender=user)
        aid.approve(vault, FINITE, sender=user)
        vault.deposit(50_000 * WAD, user, sender=user)
    protocol.treasury.allocate(tbill, 50_000 * COIN, sender=treasurer)
    portfolio = governor.deploy(project.Portfolio, vault, gateway)
    vault.set_portfolio(portfolio, sender=governor)
    portfolio.fund_and_redeem(20_000 * WAD, 10**12, usdc, carol, sender=governor)
    vault.requestRedeem(1_000 * WAD, bob, bob, sender=bob)
    vault.transfer(bob, 1_000 * WAD, sender=alice)
    sy, exit_pool = protocol.sy, protocol.contract(f"pool.{protocol.config.exit_pool.name}")
    for token in (aid, vault):
        for spender in (sy, exit_pool):
            token.approve(spender, FINITE, sender=alice)
    exit_pool.add_liquidity([10_000 * WAD, 10_000 * WAD], 0, sender=alice)
    sy.deposit(alice, vault, 1_000 * WAD, 0, sender=alice)
    sy.transfer(bob, WAD, sender=alice)
    return protocol


@pytest.fixture(scope="module")
def measured(busy, project, governor, compliance, alice, bob, carol, dave, usdc, usdc_feed, usdt_feed):
    """Every action once, each from the same state."""
    gateway, aid, vault = busy.gateway, busy.aid, busy.staked_aid
    figures: dict[str, int] = {}

    def measure(name, *steps):
        """Run all steps from the common state; the last one's gas counts."""
        with isolated():
            for step in steps:
                receipt = step()
            figures[name] = receipt.gas_used

    deadline = ape.chain.pending_timestamp + DAY
    measure("aid.mint", lambda: gateway.mint(usdc, 1_000 * COIN, 0, sender=alice))
    measure("aid.redeem", lambda: gateway.redeem(usdc, 1_000 * WAD, 0, sender=alice))
    measure(
        "aid.redeem_basket",
        lambda: usdc_feed.set_price(98 * 10**6, sender=governor),
        lambda: gateway.redeem_basket(1_000 * WAD, [], sender=alice),
    )
    measure("aid.transfer", lambda: aid.transfer(bob, WAD, sender=alice))
    measure(
        "aid.transfer_from",
        lambda: aid.approve(carol, FINITE, sender=alice),
        lambda: aid.transferFrom(alice, bob, WAD, sender=carol),
    )
    measure("aid.approve", lambda: aid.approve(vault, FINITE - 1, sender=alice))
    measure(
        "aid.permit",
        lambda: aid.permit(
            alice, vault, FINITE, deadline, *sign_permit(aid, alice, vault, FINITE, deadline), sender=bob
        ),
    )
    measure("gateway.recapitalise", lambda: gateway.recapitalise(usdc, COIN, sender=alice))
    measure(
        "gateway.harvest",
        lambda: gateway.recapitalise(usdc, 10_000 * COIN, sender=alice),
        lambda: gateway.harvest(sender=dave),
    )
    measure(
        "allowlist.attest",
        lambda: busy.allowlist.set_verifier(carol, True, sender=compliance),
        lambda: busy.allowlist.attest(*_attestation(busy, carol, dave, deadline), sender=dave),
    )
    measure("said.deposit", lambda: vault.deposit(1_000 * WAD, alice, sender=alice))
    measure("said.mint", lambda: vault.mint(1_000 * WAD, alice, sender=alice))
    measure(
        "said.deposit_with_permit",
        lambda: aid.approve(vault, 1, sender=alice),
        lambda: vault.deposit_with_permit(
            1_000 * WAD,
            alice,
            0,
            deadline,
            *sign_permit(aid, alice, vault, 1_000 * WAD, deadline),
            sender=alice,
        ),
    )
    measure("said.transfer", lambda: vault.transfer(bob, WAD, sender=alice))
    measure("said.set_operator", lambda: vault.setOperator(carol, True, sender=alice))
    measure("said.request_redeem", lambda: vault.requestRedeem(1_000 * WAD, bob, bob, sender=bob))
    measure("said.request_redeem_first", lambda: vault.requestRedeem(1_000 * WAD, alice, alice, sender=alice))
    measure("said.cancel_request", lambda: vault.cancel_request(bob, bob, sender=bob))

    sy = busy.sy
    measure("sy.deposit_aid", lambda: sy.deposit(alice, aid, 100 * WAD, 0, sender=alice))
    measure("sy.deposit_said", lambda: sy.deposit(alice, vault, 100 * WAD, 0, sender=alice))
    measure("sy.redeem_aid", lambda: sy.redeem(alice, 100 * WAD, aid, 0, False, sender=alice))
    measure("sy.redeem_said", lambda: sy.redeem(alice, 100 * WAD, vault, 0, False, sender=alice))
    measure("sy.transfer", lambda: sy.transfer(bob, WAD, sender=alice))

    def settled():
        _travel(CYCLE)
        for feed in (usdc_feed, usdt_feed):
            feed.set_price(10**8, sender=governor)
        return vault.sync(sender=dave)

    measure("said.settle_1", settled)
    measure("said.claim", settled, lambda: vault.claim(bob, bob, sender=bob))
    measure("said.redeem", settled, lambda: vault.redeem(500 * WAD, bob, bob, sender=bob))
    measure("said.withdraw", settled, lambda: vault.withdraw(500 * WAD, bob, bob, sender=bob))

    def crowd():
        members = governor.deploy(project.Crowd)
        vault.transfer(members, 9_990 * WAD, sender=alice)
        for _ in range(9):
            members.join(vault, 10 * WAD, 111, sender=governor)

    measure("said.settle_1000", crowd, settled)
    return figures


def _attestation(protocol, verifier, account, deadline):
    signed = sign_attestation(protocol, verifier, account.address, deadline + 300 * DAY, deadline)
    return signed.account, signed.valid_until, signed.deadline, signed.verifier, signed.signature


@pytest.fixture(scope="module", autouse=True)
def updated(measured):
    if UPDATE:
        table.update(measured)
        for name, gas in sorted(measured.items()):
            print(f"{name:32} {gas:>9,}")


def test_every_action__is_in_the_table(measured):
    assert sorted(measured) == sorted(filter(protocol_table.is_protocol, table.recorded()))


def test_every_action__costs_what_the_table_says(measured):
    grown = {
        name: (gas, table.recorded()[name])
        for name, gas in measured.items()
        if gas > table.recorded()[name] * (1 + table.TOLERANCE)
    }
    assert not grown, f"grown by more than 1 %, run `make bench` if that is meant: {grown}"


@pytest.mark.parametrize(("name", "target"), sorted(protocol_table.TARGETS.items()))
def test_action__stays_below_its_target(measured, name, target):
    assert measured[name] <= target


def test_settlement__costs_the_same_for_one_request_and_for_a_thousand(measured):
    assert abs(measured["said.settle_1000"] - measured["said.settle_1"]) <= 100


@pytest.fixture(scope="module")
def deployed(people, tmp_path_factory):
    """The steps of an installation that uses everything a configuration can ask for."""
    config = load_config(NETWORK).model_copy(
        update={
            "roles": Holders(guardian=[people.guardian.address]),
            "kyc_verifiers": [people.carol.address],
            "governance": Governance(
                min_delay=DAY, proposers=[people.bob.address], cancellers=[people.carol.address]
            ),
        }
    )
    path = tmp_path_factory.mktemp("deployments") / "local.json"
    book = AddressBook(path, ape.chain.chain_id, "0x")
    executed = []
    Protocol.deploy(people.dave, config, book=book, progress=executed.append)
    if UPDATE:
        record_gas(executed)
    return executed


def test_deployment__costs_what_dry_runs_say(deployed):
    recorded = recorded_gas()
    grown = {
        step.kind: (step.gas, recorded.get(step.kind, 0))
        for step in deployed
        if step.gas > recorded.get(step.kind, 0) * (1 + table.TOLERANCE)
    }
    assert not grown, f"run `make bench` if that is meant: {grown}"
