"""What must hold after every step: the state equals the model, and the protocol's invariants."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from typing import Any

from integrations.protocol.state import AccountState, State
from tests.model import Protocol
from tests.model.cycles import VIRTUAL, Seen
from tests.model.numbers import BPS, ceil_div
from tests.model.protocol import ACCOUNTS
from tests.model.reserve import MICRO


class Kind(Enum):
    """What a step is allowed to lower."""

    PLAIN = auto()  # nothing
    PRICE = auto()  # backing: a coin's price moves
    HARVEST = auto()  # backing less supply, down to the buffer
    TREASURY = auto()  # backing, by one unit of a coin
    VAULT_EVENT = auto()  # backing at par: a T-bill vault loses, hides or boasts
    MARK = auto()  # the share price: a loss is realised or marked


@dataclass(frozen=True)
class Step:
    name: str
    kind: Kind
    lossy: bool
    now: int
    before: Protocol  # the model as it was
    after: Protocol  # the model as it must be
    last: State
    state: State


def check(step: Step) -> None:
    check_reserve(step)
    check_staking(step)
    check_accounts(step)
    check_cover(step)
    check_reserve_floor(step)
    check_share_price(step)
    check_denied(step)


def check_reserve(step: Step) -> None:
    """Every number of the reserve is the model's."""
    state, gateway, now = step.state, step.after.gateway, step.now
    worth = gateway.worth(now)
    _same(step, "time", state.timestamp, now)
    for name, want in {
        "backing": worth.backing,
        "backing_par": worth.par,
        "supply": worth.supply,
        "deficit": worth.deficit,
        "stale": worth.stale,
    }.items():
        _same(step, name, getattr(state, name), want)
    for coin in state.coins:
        model = gateway.coins[coin.symbol]
        price, fresh = model.quote(now)
        minting, redeeming = model.levels(now)
        for name, value in {
            "units": model.units,
            "reserved": model.reserved,
            "fees": model.fees,
            "balance": model.token.of("gateway"),
            "price": price,
            "fresh": fresh,
            "mint_available": minting * MICRO,
            "redeem_available": redeeming * MICRO,
        }.items():
            _same(step, f"{coin.symbol}.{name}", getattr(coin, name), value)
    (vault,) = state.vaults
    holding = gateway.holding
    _same(step, "vault.shares", vault.shares, holding.shares)
    _same(step, "vault.book", vault.book, holding.book)
    _same(step, "vault.reserved", vault.reserved, holding.reserved)
    _same(step, "vault.balance", vault.balance, holding.vault.shares.of("gateway"))


def check_staking(step: Step) -> None:
    """The vault's summary is the model's, to the wei, due settlements included."""
    state, stored, now = step.state.staking, step.after, step.now
    settled = stored.settled(now).staking
    deposit_assets, exit_assets = settled.assets(now)
    gross, impairment = settled.book.at(now)
    for name, value in {
        "idle": settled.idle,
        "claimable": settled.claimable,
        "supply": settled.shares.supply,
        "deposit_assets": deposit_assets,
        "exit_assets": exit_assets,
        "unvested": settled.unvested(now),
        "cycle": settled.cycle,
        "active": settled.active,
        "upcoming": settled.upcoming,
        "releasing": settled.releasing(now),
        "gross": gross,
        "impairment": impairment,
        "balance": stored.aid.of("vault"),
        "escrow": settled.shares.of("vault"),
    }.items():
        _same(step, f"staking.{name}", getattr(state, name), value)
    _same(step, "insurance", step.state.insurance, stored.staking.insurance)
    _same(step, "insurance_balance", step.state.insurance_balance, stored.aid.of("insurance"))
    for name, account in _accounts(step.state).items():
        seen = Seen(account.active, account.upcoming, account.claim_shares, account.claim_assets)
        position = settled.positions[name]
        assert position.agrees(seen), f"{step.name}: {name}'s {seen} is out of bounds of {position}"


def check_accounts(step: Step) -> None:
    """Everybody has what the model says, and nobody else has anything."""
    model = step.after
    shares = model.settled(step.now).staking.shares
    for name, account in _accounts(step.state).items():
        _same(step, f"{name}.aid", account.aid, model.aid.of(name))
        _same(step, f"{name}.shares", account.shares, shares.of(name))
        _same(step, f"{name}.denied", account.denied, name in model.aid.denied)
        _same(step, f"{name}.kyc", account.kyc_expiry, model.gateway.kyc.get(name, 0))
    _same(step, "sum of AID", sum(account.aid for account in step.state.accounts), step.state.supply)


def check_cover(step: Step) -> None:
    """What is owed is there: at par, in tokens, in the vault, in its line."""
    state, staking = step.state, step.state.staking
    assert step.lossy or state.backing_par >= state.supply, f"{step.name}: AID is not covered at par"
    for holding in (*state.coins, *state.vaults):
        units = holding.shares if hasattr(holding, "shares") else holding.units
        assert holding.balance >= units + holding.reserved, f"{step.name}: {holding.symbol} is missing"
    assert staking.balance >= staking.idle + staking.claimable, f"{step.name}: the vault lacks AID"
    assert state.insurance_balance >= state.insurance, f"{step.name}: the insurance lacks AID"
    assert staking.exit_assets <= staking.deposit_assets, f"{step.name}: exits are dearer than deposits"
    accounts = state.accounts
    assert sum(a.claim_assets for a in accounts) <= staking.claimable, f"{step.name}: claims exceed claimable"
    in_line = sum(a.active for a in accounts), sum(a.upcoming for a in accounts)
    assert in_line[0] <= staking.active, f"{step.name}: more in line than the queue has"
    assert in_line[1] == staking.upcoming, f"{step.name}: more waiting than the queue has"
    assert staking.active + staking.upcoming <= staking.escrow, f"{step.name}: queued shares are missing"


def check_reserve_floor(step: Step) -> None:
    """B − supply and B_par − supply do not fall but for the reasons that a step may have.

    Compared with the reserve before the step at this block's time: what only time does is no fall.
    """
    if step.kind in (Kind.PRICE, Kind.VAULT_EVENT):
        return
    gateway = step.before.gateway
    before = gateway.worth(step.now)
    floors = before.backing - before.supply, before.par - before.supply
    if step.kind is Kind.HARVEST:
        buffer = ceil_div(before.supply * gateway.buffer_bps, BPS)
        floors = min(floors[0], buffer), min(floors[1], buffer)
    elif step.kind is Kind.TREASURY:
        unit = gateway.coins[gateway.holding.coin].scale
        floors = floors[0] - unit, floors[1] - unit
    state = step.state
    assert state.backing - state.supply >= floors[0], f"{step.name} lowers backing below the supply's"
    assert state.backing_par - state.supply >= floors[1], f"{step.name} lowers backing at par"


def check_share_price(step: Step) -> None:
    """A share is worth, and costs, no less than before the step, unless a loss was realised or marked."""
    staking = step.state.staking
    before = step.before.settled(step.now).staking
    if step.kind is Kind.MARK or before.shares.supply == 0:
        return
    shares = staking.supply + VIRTUAL
    worth = Fraction(staking.exit_assets + VIRTUAL, shares)
    cost = Fraction(staking.deposit_assets + VIRTUAL, shares)
    assert worth >= before.exit_price(step.now), f"{step.name} lowers what a share is worth"
    assert cost >= before.deposit_price(step.now), f"{step.name} lowers what a share costs"


def check_denied(step: Step) -> None:
    """Nothing of a denied account moves; its shares in line are settled like all others."""
    last = _accounts(step.last)
    for name, now in _accounts(step.state).items():
        was = last[name]
        if not (was.denied and now.denied):
            continue
        assert (was.aid, was.shares) == (now.aid, now.shares), f"{step.name} moves what {name} holds"
        in_line = [a.active + a.upcoming + a.claim_shares for a in (was, now)]
        assert in_line[0] == in_line[1], f"{step.name} moves what {name} has in line"
        assert now.claim_assets >= was.claim_assets, f"{step.name} takes from {name}'s claim"


def _accounts(state: State) -> dict[str, AccountState]:
    return dict(zip(ACCOUNTS, state.accounts, strict=True))


def _same(step: Step, name: str, got: Any, want: Any) -> None:
    assert got == want, f"{step.name}: {name} is {got}, the model says {want}"
