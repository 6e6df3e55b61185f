"""What must hold at any moment of any scenario. Exit status 0 of a run means that all of it did.

An invariant says when it applies and what is wrong, if anything is. Add one with `@invariant`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .credit import DeskState
from .deal_book import DealBook
from .events import Event
from .model import Scenario
from .report import InvariantRecord, Result
from .units import BPS, WAD, format_elapsed, format_units
from .venues import VenueState
from .world import SAID, Backing, Holdings, Snapshot

MAX_DETAILS = 5

SUPPLY_FLOWS = {"minted": 1, "redeemed": -1, "harvested": 1, "lent": -1, "repaid": 1, "income": 1} | {
    "deal fees": 1,
    "overpaid": 1,
    "recovered": 1,
    "paid in AID": -1,
}
"""How each flow changes the supply of AID. Nothing else does."""
STAKED_FLOWS = {"deposited": 1, "claimed": -1, "harvested": 1, "income": 1, "insured": 1, "lost": -1}
"""How each flow changes what staked AID and its insurance have together, loans at cost. Nothing else does."""


@dataclass(frozen=True)
class Moment:
    """What the checks may look at.

    `before`, `event`, `result`, `explanation`, `flows` and `promises` are set after an event; `holdings` and
    `aid_holders` only when the books are closed (month ends). `deals` is what events say of deals, None for
    another portfolio; `desk` is what the desk says, after events about deals and when the books are closed;
    `venues` what other people's venues hold when the books are closed, if the scenario uses any.
    """

    scenario: Scenario
    now: Snapshot
    last: Snapshot | None = None
    event: Event | None = None
    result: Result | None = None
    explanation: str = ""
    flows: Mapping[str, int] = field(default_factory=dict)
    promises: Sequence[tuple[int, int]] = ()
    before: Backing | None = None
    aid_holders: Mapping[str, int] | None = None
    holdings: Mapping[str, Holdings] | None = None
    deals: DealBook | None = None
    desk: DeskState | None = None
    venues: VenueState | None = None


Test = Callable[[Moment], str | None]
_tests: dict[str, tuple[Callable[[Moment], bool], Test, str | None]] = {}


def invariant(
    name: str, applies: Callable[[Moment], bool] = lambda _: True, needs: str | None = None
) -> Callable[[Test], Test]:
    """Register a test: it returns what is wrong, or None.

    It is asked only where `applies`, and only in a run that has what it `needs`: a kind of portfolio, or
    `venues`.
    """

    def add(test: Test) -> Test:
        _tests[name] = (applies, test, needs)
        return test

    return add


class Ledger:
    """Counts how often each invariant was checked and violated, of those that a run `has` the parts for."""

    def __init__(self, *has: str) -> None:
        self._tests = {
            name: (applies, test) for name, (applies, test, needs) in _tests.items() if needs in (None, *has)
        }
        self._checked = dict.fromkeys(self._tests, 0)
        self._violations: dict[str, list[str]] = {name: [] for name in self._tests}

    def check(self, moment: Moment) -> list[str]:
        """Test everything that applies. Return what is newly violated, one line each."""
        found: list[str] = []
        for name, (applies, test) in self._tests.items():
            if not applies(moment):
                continue
            self._checked[name] += 1
            if (wrong := test(moment)) is not None:
                when = format_elapsed(moment.now.time - moment.scenario.start_time)
                self._violations[name].append(f"{when}: {wrong}")
                found.append(f"{name}: {wrong}")
        return found

    def records(self) -> tuple[InvariantRecord, ...]:
        """Return the account so far, in order of registration."""
        return tuple(
            InvariantRecord(name, self._checked[name], len(wrong), tuple(wrong[:MAX_DETAILS]))
            for name, wrong in self._violations.items()
        )


def aid_text(amount: int) -> str:
    """Return an amount of AID to the wei."""
    return f"{format_units(amount, 18, 18)} AID"


def _moved(moment: Moment) -> bool:
    return moment.event is not None and moment.before is not None and not moment.event.moves_prices


def _books_closed(moment: Moment) -> bool:
    return moment.holdings is not None and moment.aid_holders is not None


@invariant("every event ends as the scenario says", lambda moment: moment.event is not None)
def _as_told(moment: Moment) -> str | None:
    return moment.explanation if moment.result == "failed" else None


@invariant("reserve at par covers the AID supply")
def _covered(moment: Moment) -> str | None:
    backing = moment.now.backing
    short = backing.supply - backing.backing_par
    return f"{aid_text(short)} uncovered" if short > 0 else None


# What follows is reckoned here, from balances, prices and what events say: not the contracts' own sums.


@invariant("the tokens that are there cover the AID supply at par")
def _really_covered(moment: Moment) -> str | None:
    """Balances instead of ledgers, T-bills at the vault's own rate, which is cut to whole units a share."""
    worth = sum(coin.held * _scale(moment, name) for name, coin in moment.now.coins.items())
    worth += sum(_most(moment, name) * _scale(moment, _coin_of(moment, name)) for name in moment.now.vaults)
    short = moment.now.backing.supply - worth
    return f"{aid_text(short)} uncovered" if short > 0 else None


@invariant("backing is what the reserve is worth, coin by coin")
def _backing_adds_up(moment: Moment) -> str | None:
    par = weighted = 0
    for name, coin in moment.now.coins.items():
        bills = (one.value for vault, one in moment.now.vaults.items() if _coin_of(moment, vault) == name)
        position = (coin.units + sum(bills)) * _scale(moment, name)
        par += position
        weighted += position * min(WAD, coin.price)
    backing = moment.now.backing
    gaps = (backing.backing_par - par, backing.backing - weighted // WAD)
    dust = len(moment.now.coins)  # a world may round once, or once for each coin
    return (
        f"off by {aid_text(gaps[0])} at par, {aid_text(gaps[1])} at prices"
        if gaps[0] or abs(gaps[1]) > dust
        else None
    )


@invariant("T-bills count for no more than they are worth")
def _bills_are_real(moment: Moment) -> str | None:
    for name, vault in moment.now.vaults.items():
        over = vault.value - _most(moment, name)
        if over > 0:
            decimals = moment.scenario.decimals(_coin_of(moment, name))
            return f"{name}: {format_units(over, decimals, decimals)} too much"
    return None


@invariant("AID comes and goes only by what events say", lambda moment: moment.last is not None)
def _supply_explained(moment: Moment) -> str | None:
    assert moment.last is not None
    moved = moment.now.backing.supply - moment.last.backing.supply
    return unexplained(moved, SUPPLY_FLOWS, moment)


def _at_cost(moment: Moment) -> bool:
    return moment.last is not None


@invariant("stakers have what came in less what went out", _at_cost, needs="mock")
def _stakes_explained(moment: Moment) -> str | None:
    assert moment.last is not None
    after, before = (
        one.staking.idle + one.staking.claimable + one.staking.gross + one.insurance
        for one in (moment.now, moment.last)
    )
    return unexplained(after - before, STAKED_FLOWS, moment)


@invariant("exit assets are idle AID and loans, less impairment and what vests")
def _exit_adds_up(moment: Moment) -> str | None:
    staking = moment.now.staking
    deducted = staking.impairment + staking.unvested + staking.releasing
    worth = max(0, staking.idle + staking.gross - deducted)
    gap = staking.exit_assets - worth
    return f"off by {aid_text(gap)}" if gap else None


def _scale(moment: Moment, coin: str) -> int:
    return int(10 ** (18 - moment.scenario.decimals(coin)))


def _coin_of(moment: Moment, vault: str) -> str:
    return moment.scenario.reserve.vaults[vault].coin


def _most(moment: Moment, vault: str) -> int:
    """Return what a T-bill position may be worth at most, given that its rate has been rounded down."""
    position = moment.now.vaults[vault]
    return position.shares * (position.rate + 1) // WAD


def unexplained(moved: int, signs: Mapping[str, int], moment: Moment, dust: int = 0) -> str | None:
    """Return by how much more than `dust` a movement differs from what flows explain, None if by no more."""
    gap = moved - sum(sign * moment.flows.get(name, 0) for name, sign in signs.items())
    return f"{aid_text(abs(gap))} {'out of nothing' if gap > 0 else 'gone'}" if abs(gap) > dust else None


@invariant("no action lowers backing minus supply", _moved)
def _surplus_kept(moment: Moment) -> str | None:
    assert moment.before is not None
    return _surplus_lost(moment, lambda backing: backing.backing - backing.supply)


@invariant("no action lowers backing at par minus supply", _moved)
def _par_surplus_kept(moment: Moment) -> str | None:
    return _surplus_lost(moment, lambda backing: backing.backing_par - backing.supply)


def _surplus_lost(moment: Moment, surplus: Callable[[Backing], int]) -> str | None:
    assert moment.event is not None
    assert moment.before is not None
    now = moment.now.backing
    floor = surplus(moment.before)
    if moment.event.takes_surplus:
        floor = min(floor, moment.before.supply * moment.scenario.reserve.buffer_bps // BPS)
    if moment.event.rounding_units:
        coarsest = min(coin.decimals for coin in moment.scenario.stablecoins.values())
        floor -= moment.event.rounding_units * 10 ** (18 - coarsest)
    lost = floor - surplus(now)
    return f"{moment.event.do} lost {aid_text(lost)}" if lost > 0 else None


@invariant(
    "no AID is minted for coins in deficit mode",
    lambda moment: moment.event is not None and moment.before is not None and moment.before.deficit,
)
def _no_mint_in_deficit(moment: Moment) -> str | None:
    assert moment.event is not None
    return "a mint went through" if moment.event.do == "mint" and moment.result == "done" else None


@invariant("the Gateway holds what its ledger says")
def _ledger_is_real(moment: Moment) -> str | None:
    for name, coin in moment.now.coins.items():
        if coin.held < coin.units:
            decimals = moment.scenario.decimals(name)
            return f"{format_units(coin.units - coin.held, decimals, decimals)} {name} missing"
    return None


@invariant("staked AID is all there: idle + claimable")
def _staked_is_there(moment: Moment) -> str | None:
    staking = moment.now.staking
    missing = staking.idle + staking.claimable - staking.aid_held
    return f"{aid_text(missing)} missing" if missing > 0 else None


@invariant("the deposit price is never below the exit price")
def _prices_in_order(moment: Moment) -> str | None:
    staking = moment.now.staking
    gap = staking.price_exit - staking.price_deposit
    return f"exit {staking.price_exit}, deposit {staking.price_deposit} (WAD)" if gap > 0 else None


def _nav_comparable(moment: Moment) -> bool:
    if moment.last is None or not moment.last.staking.shares or not moment.now.staking.shares:
        return False
    losing = moment.event is not None and moment.event.lowers_nav and moment.result == "done"
    return not losing and moment.now.staking.impairment <= moment.last.staking.impairment


@invariant("the exit price falls only with a loss, or as machines age", _nav_comparable)
def _nav_rises(moment: Moment) -> str | None:
    assert moment.last is not None
    before, now = moment.last.staking.price_exit, moment.now.staking.price_exit
    aged = 0
    if moment.deals is not None:
        shares = moment.now.staking.shares
        aged = -(-WAD * (moment.deals.aged(moment.last.time, moment.now.time) + 2) // shares)
    return f"from {before} to {now} (WAD)" if now < before - aged else None


def _pools_exist(moment: Moment) -> bool:
    return bool(moment.now.pools)


@invariant("every pool holds what it owes", _pools_exist)
def _pools_covered(moment: Moment) -> str | None:
    for name, pool in moment.now.pools.items():
        for coin, held in pool.held.items():
            missing = pool.balances[coin] + pool.owed[coin] - held
            if missing > 0:
                decimals = moment.scenario.decimals(coin)
                return f"{format_units(missing, decimals, decimals)} {coin} missing in {name}"
    return None


@invariant("the value of a pool's share falls only with sAID's", _pools_exist)
def _share_value_rises(moment: Moment) -> str | None:
    if moment.last is None:
        return None
    cheaper = moment.now.staking.price_exit < moment.last.staking.price_exit
    for name, pool in moment.now.pools.items():
        before = moment.last.pools.get(name)
        if before is None or (cheaper and SAID in pool.balances):
            continue
        if pool.share_value < before.share_value:
            return f"{name} from {before.share_value} to {pool.share_value} (WAD)"
    return None


def _venues_asked(moment: Moment) -> bool:
    return moment.venues is not None and moment.holdings is not None


@invariant("positions at venues are what their adapters say", _venues_asked, "venues")
def _positions_are_there(moment: Moment) -> str | None:
    assert moment.venues is not None
    wrong = next((gap for gap in moment.venues.gaps if gap.wrong), None)
    return f"{wrong.what}: {wrong.told} units told, {wrong.there} there" if wrong is not None else None


@invariant("no coin is counted twice: reserve, pools, venues, wallets", _venues_asked, "venues")
def _counted_once(moment: Moment) -> str | None:
    assert moment.venues is not None
    assert moment.holdings is not None
    for name, coin in moment.now.coins.items():
        wallets = sum(one.coins[name] for one in moment.holdings.values())
        pooled = sum(pool.held.get(name, 0) for pool in moment.now.pools.values())
        over = coin.units + wallets + pooled + moment.venues.coins[name] - moment.venues.supplies[name]
        if over > 0:
            decimals = moment.scenario.decimals(name)
            return f"{format_units(over, decimals, decimals)} {name} more than there are"
    return None


@invariant("pools and venues pay what they have quoted", lambda moment: bool(moment.promises))
def _as_quoted(moment: Moment) -> str | None:
    for promised, came in moment.promises:
        if promised != came:
            return f"{promised} units quoted, {came} came"
    return None


@invariant("every AID has a known holder", _books_closed)
def _all_held(moment: Moment) -> str | None:
    assert moment.aid_holders is not None
    gap = moment.now.backing.supply - sum(moment.aid_holders.values())
    return f"{aid_text(abs(gap))} {'without a holder' if gap > 0 else 'too much held'}" if gap else None


@invariant("claims never exceed what was set aside", _books_closed)
def _claims_covered(moment: Moment) -> str | None:
    return _within(_each(moment, lambda one: one.claimable_aid), moment.now.staking.claimable)


@invariant("requests never exceed the queue", _books_closed)
def _requests_covered(moment: Moment) -> str | None:
    queue = moment.now.staking.pending_active + moment.now.staking.pending_next
    return _within(_each(moment, lambda one: one.pending_shares), queue)


def _each(moment: Moment, part: Callable[[Holdings], int]) -> Iterable[int]:
    return [part(one) for one in (moment.holdings or {}).values()]


def _within(parts: Iterable[int], whole: int) -> str | None:
    over = sum(parts) - whole
    return f"{format_units(over, 18, 18)} too much" if over > 0 else None
