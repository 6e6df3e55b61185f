"""The same trade of AID and USDC on Uniswap v3 and on the stable pool: which pays more is foreseen."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace

import ape
import pytest

from integrations.venues import CurvePool, UniswapV3
from tests.conftest import DAY, WAD
from tests.venues import reference

USD = 10**6
K = 1_000
#: Of each coin, at each venue.
DEPTH = 400 * K
#: How far Uniswap's range reaches on either side of the price.
RANGE_BPS = 100
UNITS = {"AID": WAD, "USDC": USD}
#: A unit of USDC, which is what both venues round to.
ROUNDING = Decimal(3) / USD


@dataclass
class Both:
    """Both venues and the prices that their equations give.

    Attributes:
        venues: Adapters by name.
        uniswap: What so much brings there, by its range in decimals.
        stable: The same by the stable pool's equation.
    """

    venues: dict
    uniswap: object
    stable: object


@pytest.fixture(scope="module")
def both(protocol, mainnet, people):
    """400,000 of each coin at each venue, from carol; alice has a million of both."""
    alice, carol = people.alice, people.carol
    usdc, gateway = protocol.coin("USDC").token, protocol.gateway
    protocol.allowlist.set_kyc_many(
        [alice, carol], ape.chain.pending_timestamp + 700 * DAY, sender=people.compliance
    )
    for user in (alice, carol):
        usdc.mint(user, 2 * K * K * USD, sender=user)
        usdc.approve(gateway, K * K * USD, sender=user)
        gateway.mint(usdc, K * K * USD, 0, sender=user)
    amounts = {"AID": DEPTH * WAD, "USDC": DEPTH * USD}
    stable = CurvePool.of(protocol, "AID", "USDC")
    stable.add(carol, stable.quote_add(amounts))
    uniswap = UniswapV3(mainnet.venues).at(mainnet.places.pool)
    low, high = uniswap.around(RANGE_BPS)
    uniswap.mint(carol, uniswap.quote_range(low, high, amounts))

    terms = protocol.config.pool_of("AID", "USDC")
    fee, growth = Decimal(terms.fee) / 10**10, Decimal(terms.offpeg_fee_multiplier) / 10**10
    # prices of AID in USDC; the pool's ticks count units of its second token for one of its first
    scale = Decimal(10) ** 12
    ends = [Decimal("1.0001") ** tick for tick in (low, high)]
    first = uniswap.coins[0].symbol == "AID"
    lowest, highest = [end * scale for end in ends] if first else [scale / end for end in reversed(ends)]
    liquidity = reference.range_liquidity(Decimal(DEPTH), lowest, highest)
    return SimpleNamespace(
        venues={"Uniswap v3": uniswap, "StableSwap": stable},
        expected={
            "Uniswap v3": lambda sold: reference.bought_in_range(liquidity, sold, Decimal(1) / 10**4),
            "StableSwap": lambda sold: reference.bought(
                Decimal(DEPTH), Decimal(DEPTH), sold, terms.amplification, fee, growth
            ),
        },
        trader=alice,
    )


@pytest.mark.parametrize(("sell", "buy"), [("AID", "USDC"), ("USDC", "AID")])
@pytest.mark.parametrize(
    ("sold", "better"),
    # a fee of 1 bp against 4; then A = 500 against a constant product; far out, the fee off the peg
    [(100, "Uniswap v3"), (50 * K, "StableSwap"), (350 * K, "Uniswap v3")],
)
def test_same_trade__pays_what_both_equations_say(both, sold, better, sell, buy):
    paid = {}
    for name, venue in both.venues.items():
        fill = venue.swap(both.trader, venue.quote_in(sell, buy, sold * UNITS[sell]))
        assert fill.given == {sell: sold * UNITS[sell]}
        paid[name] = Decimal(fill.received[buy]) / UNITS[buy]
        assert abs(paid[name] - both.expected[name](Decimal(sold))) <= max(ROUNDING, paid[name] / 10**9), name

    assert max(paid, key=paid.get) == better


def test_trade__split_in_proportion_to_depth__pays_more_than_either_alone(both):
    sold = 150 * K
    whole = [
        Decimal(venue.quote_in("AID", "USDC", sold * WAD).amount_out) / USD for venue in both.venues.values()
    ]
    # what the equations say is the best split, to a twentieth
    step = sold // 20
    split = max(range(step, sold, step), key=lambda part: sum(best_of(both, sold, part)))
    parts = (split, sold - split)
    halves = [
        venue.swap(both.trader, venue.quote_in("AID", "USDC", part * WAD)).received["USDC"]
        for part, venue in zip(parts, both.venues.values(), strict=True)
    ]

    assert Decimal(sum(halves)) / USD > max(whole)
    assert abs(Decimal(sum(halves)) / USD - sum(best_of(both, sold, split))) <= Decimal(sold) / 10**9


def best_of(both, sold, part):
    """What a part at the one venue and the rest at the other pay."""
    uniswap, stable = both.expected.values()
    return uniswap(Decimal(part)), stable(Decimal(sold - part))
