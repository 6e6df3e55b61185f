"""What a position at a venue should bring, reckoned when it is opened from what is known and agreed by then.

No forecast looks at a chain: it takes the adapters' models of a market and the books of the day. All assume
that agreements are kept (deals pay on time, T-bills earn their rate) and that nobody comes or goes. Amounts
are AID wei, rates WAD a year, times Unix seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..credit_model.takings import OnTime, Takings
from ..venues.lending_math import PRICE_SCALE, LendingState
from .deals import wei
from .units import BPS, DAY, WAD, to_units
from .world import Snapshot

if TYPE_CHECKING:
    from .deal_book import DealBook
    from .model import Scenario, Traders

YEAR = 365 * DAY
MILLION = 10**6
VIRTUAL = 10**6
#: Traders sell from 5 to 100 % of their size, see `agents`.
MEAN_PART_BPS = 5_250
#: How close to its threshold a position is taken on the way in and out, parts of the threshold in bps.
CLOSE_BPS = 9_800
MOST_ROUNDS = 40


# -- staked AID


def expected_nav(snapshot: Snapshot, scenario: Scenario, deals: DealBook, until: int) -> int:
    """Return the exit price of a share at a later time, WAD.

    Every deal funded by now pays on time, T-bills earn their rate and are harvested, what is unvested vests.
    """
    staking, now = snapshot.staking, snapshot.time
    if not staking.exit_assets:
        return staking.price_exit
    gain = staking.unvested + staking.releasing + _from_deals(deals, now, until)
    for name, vault in snapshot.vaults.items():
        terms = scenario.reserve.vaults[name]
        worth = vault.value * 10 ** (18 - scenario.decimals(terms.coin))
        gain += worth * terms.rate_bps * (until - now) // (BPS * YEAR)
    return staking.price_exit * (staking.exit_assets + gain) // staking.exit_assets


def _from_deals(deals: DealBook, now: int, until: int) -> int:
    gain = 0
    for entry in deals.of_the_vault():
        if entry.model.status == "closed":
            continue
        receipt = wei(entry.terms.share.receipt) if entry.terms.share else 0
        deal = OnTime(deepcopy(entry.funded), Takings(entry.takings.vesting), receipt)
        before = deal.value(now) + deal.takings.vested(now)
        gain += deal.value(until) + deal.takings.vested(until) - before
    return gain


@dataclass
class Entrance:
    """The vault's deposits, one after the other within a second.

    Args:
        assets: Deposit assets, AID.
        shares: In existence.
    """

    assets: int
    shares: int

    @classmethod
    def of(cls, snapshot: Snapshot) -> Entrance:
        """The entrance as it stands."""
        return cls(snapshot.staking.deposit_assets, snapshot.staking.shares)

    def deposit(self, aid: int) -> int:
        """Return the sAID that the next deposit mints, rounded down."""
        made = aid * (self.shares + VIRTUAL) // (self.assets + VIRTUAL)
        self.assets, self.shares = self.assets + aid, self.shares + made
        return made


def growth_a_year(before: int, after: int, seconds: int) -> int:
    """Return growth on a simple base, WAD a year."""
    return (after - before) * WAD * YEAR // (before * seconds) if before and seconds > 0 else 0


# -- Uniswap v3


def expected_volume(traders: Sequence[Traders], pool: str, elapsed: int, until: int) -> int:
    """Return what traffic in a pool should swap, dollars (18 decimals).

    Args:
        traders: Who trades, and how often.
        pool: Where.
        elapsed: Seconds since the scenario's start, now.
        until: The same, at the end.
    """
    total = 0
    for one in traders:
        if one.pool == pool:
            times = until // one.every - elapsed // one.every
            total += times * to_units(one.size, 18) * MEAN_PART_BPS // BPS
    return total


def range_fees(volume: int, fee: int, mine: int, others: int) -> int:
    """Return what a range earns of a volume while the price stays inside, in units of the volume.

    Args:
        volume: Swapped.
        fee: Of the pool, in millionths.
        mine: Liquidity of the range.
        others: Liquidity in range besides.
    """
    return volume * fee // MILLION * mine // (mine + others) if mine else 0


# -- Pendle V2


def yield_of_yt(yt: int, index: int, nav: int, fee: int) -> int:
    """Return what YT earn until a share is worth `nav`, valued then, AID wei.

    Args:
        yt: Amount.
        index: At which they start, WAD.
        nav: At the end, WAD; below the index they earn nothing.
        fee: Pendle's part, WAD.
    """
    if nav <= index:
        return 0
    shares = yt * WAD // index - yt * WAD // nav
    return (shares - shares * fee // WAD) * nav // WAD


# -- Morpho Blue


@dataclass(frozen=True)
class Round:
    """One turn of a loop: loan units borrowed, and the shares that they buy."""

    borrow: int
    shares: int


@dataclass(frozen=True)
class LoopPlan:
    """A position levered up.

    Attributes:
        rounds: How to get there.
        collateral: Shares pledged in the end.
        debt: Loan units owed in the end.
        state: The market then.
        debt_shares: Of the position.
    """

    rounds: tuple[Round, ...]
    collateral: int
    debt: int
    state: LendingState
    debt_shares: int


def plan_loop(
    shares: int,
    ltv: int,
    lltv: int,
    price: int,
    state: LendingState,
    stake: Callable[[int], int],
) -> LoopPlan:
    """Plan how to lever shares up to a debt of `ltv` of the collateral's value.

    Each turn borrows to close below the threshold; the last one, what is missing.

    Args:
        shares: What there is to begin with, pledged.
        ltv: Debt over collateral at the end, WAD.
        lltv: Threshold of the market, WAD.
        price: Loan units for one share unit, 1e36.
        state: The market now.
        stake: Shares for what is borrowed next; called in order.

    Raises:
        RevertedError: `insufficient liquidity`.
    """
    target = shares * price // PRICE_SCALE * ltv // (WAD - ltv)
    debt = debt_shares = 0
    collateral, rounds = shares, list[Round]()
    while debt < target and len(rounds) < MOST_ROUNDS:
        limit = collateral * price // PRICE_SCALE * (lltv * CLOSE_BPS // BPS) // WAD
        borrow = min(target, limit) - debt
        if borrow <= 0:
            break
        state, _, more = state.borrowed(borrow)
        turn = Round(borrow, stake(borrow))
        debt, debt_shares, collateral = debt + borrow, debt_shares + more, collateral + turn.shares
        rounds.append(turn)
    return LoopPlan(tuple(rounds), collateral, debt, state, debt_shares)


def debt_later(plan: LoopPlan, until: int) -> int:
    """Return what the position of a plan owes at a later time, if the market is left alone, loan units."""
    return plan.state.accrued(until).debt.assets_up(plan.debt_shares)


def free_collateral(collateral: int, debt: int, price: int, lltv: int) -> int:
    """Return the shares that can be taken back while the position stays close below its threshold."""
    limit = price * (lltv * CLOSE_BPS // BPS) // WAD
    needed = -(-debt * PRICE_SCALE // limit) if debt else 0
    return max(0, collateral - needed)
