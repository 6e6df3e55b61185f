"""Every implementation of `LendingVenue`, set up alike: USDC is lent against sAID at 1.05 USDC, 86 % LLTV.

A new venue joins the conformance suite by a line in `LENDING_IMPLEMENTATIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import ape

from integrations.venues import MarketParams, MorphoMarket
from integrations.venues.lending import LendingVenue
from tests.conftest import MILLION, WAD

LLTV = 86 * WAD // 100
#: Dollars for one sAID, at the start.
PRICE = 1.05
USD = 10**6


@dataclass
class LendingSetting:
    """A venue with its users.

    Attributes:
        venue: The market, empty.
        lender: Account with a million USDC.
        borrower: Account with a million sAID and a million USDC.
        liquidator: Account with a million USDC.
        signer: Account that signs authorisations, with a million sAID.
        balance: Token units of an account, by symbol.
        set_price: Sets dollars for one sAID.
        travel: Lets seconds pass.
        schedule: Has the next transaction happen at a time.
        now: Unix time of the last block.
    """

    venue: LendingVenue
    lender: Any
    borrower: Any
    liquidator: Any
    signer: Any
    balance: Callable[[Any, str], int]
    set_price: Callable[[float], None]
    travel: Callable[[int], None]
    schedule: Callable[[int], None]
    now: Callable[[], int]


def scaled(dollars: float) -> int:
    """A price of sAID in USDC units for a unit of sAID, 1e36."""
    return round(dollars * 10**6) * 10**18


def coins_and_oracle(project: Any, deployer: Any, accounts: Any) -> SimpleNamespace:
    """Mock tokens with a million for each account, and an oracle whose price anyone sets."""
    usdc = deployer.deploy(project.Stablecoin, "USD Coin", "USDC", 6)
    said = deployer.deploy(project.Stablecoin, "Staked AID", "sAID", 18)
    # a vault share's price is anyone's to set, and told under the same name
    oracle = deployer.deploy(project.VaultShare, usdc, 18, scaled(PRICE))
    for account in accounts:
        usdc.mint(account, MILLION * USD, sender=deployer)
        said.mint(account, MILLION * WAD, sender=deployer)
    return SimpleNamespace(usdc=usdc, said=said, oracle=oracle)


def morpho(
    addresses: Mapping[str, str], governor: Any, accounts: Any, bed: SimpleNamespace
) -> LendingSetting:
    params = MarketParams(
        bed.usdc.address, bed.said.address, bed.oracle.address, addresses["morpho.irm"], LLTV
    )
    venue = MorphoMarket.create(governor, addresses["morpho.blue"], params)
    tokens = {"USDC": bed.usdc, "sAID": bed.said}

    def travel(seconds: int) -> None:
        ape.chain.pending_timestamp += seconds
        ape.chain.mine()

    def schedule(time: int) -> None:
        ape.chain.pending_timestamp = time

    return LendingSetting(
        venue,
        *accounts,
        balance=lambda account, symbol: int(tokens[symbol].balanceOf(account)),
        set_price=lambda dollars: bed.oracle.set_price(scaled(dollars), sender=governor),
        travel=travel,
        schedule=schedule,
        now=lambda: int(ape.chain.blocks.head.timestamp),
    )


def both(setting: LendingSetting, account: Any) -> dict[str, int]:
    """What an account holds of both coins."""
    return {symbol: setting.balance(account, symbol) for symbol in ("USDC", "sAID")}


LENDING_IMPLEMENTATIONS = [morpho]
