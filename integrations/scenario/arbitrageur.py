"""What an arbitrageur would do about a pool now: which way, how much, and doing it.

The sizes come from `venues.arbitrage`; here is what the Gateway and the vault would pay, reckoned from one
look at the protocol rather than asked for each size.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from integrations.venues.arbitrage import Counter, Trip, best_trip, less_fee, routes

from .events import Outcome
from .units import BPS, WAD, to_units
from .venues import coins_of
from .world import AID, SAID

if TYPE_CHECKING:
    from .stage import Stage
    from .world import Snapshot

#: Virtual assets and shares of the vault.
VIRTUAL = 10**6
UNLIMITED = 10**60


def plan(stage: Stage, who: str, pool: str, min_profit: Decimal) -> Trip | None:
    """Return an actor's most profitable trip, if it gains `min_profit` dollars.

    Amounts of the trip are in units of the pool's coin that is not AID (of AID, in a pool of sAID).
    """
    snapshot = stage.world.snapshot()
    if pool not in snapshot.pools or not snapshot.pools[pool].price:
        return None
    counter = counter_of(stage, snapshot, pool)
    if counter is None:
        return None
    funds = stage.world.balance(counter.coin, who)
    least = to_units(min_profit, 18) // int(10 ** (18 - stage.scenario.decimals(counter.coin)))
    return best_trip(routes(stage.world.venue(pool).market(), counter, funds), max(1, least))


def counter_of(stage: Stage, snapshot: Snapshot, pool: str) -> Counter | None:
    """Return where a pool's token can be made and unmade: Gateway or vault. None for a pool of two coins."""
    coins = set(coins_of(pool))
    if coins == {AID, SAID}:
        return vault(snapshot)
    others = coins - {AID}
    if len(others) == 1 and SAID not in others:
        return gateway(stage, snapshot, others.pop())
    return None


def vault(snapshot: Snapshot) -> Counter:
    """SAID is made at once; it is not unmade before its cycle ends, so a discount is left alone."""
    staking = snapshot.staking
    return Counter(
        coin=AID,
        token=SAID,
        buy=lambda aid: aid * (staking.shares + VIRTUAL) // (staking.deposit_assets + VIRTUAL),
        most_bought=UNLIMITED,
        redeem=lambda shares: 0,  # noqa: ARG005
        most_redeemed=0,
    )


def gateway(stage: Stage, snapshot: Snapshot, coin: str) -> Counter:
    """AID is minted and redeemed in normal mode; in deficit mode it is redeemed for a basket."""
    terms, state, backing = stage.scenario.stablecoins[coin], snapshot.coins[coin], snapshot.backing
    scale = int(10 ** (18 - terms.decimals))
    worth = min(WAD, state.price)
    in_band = abs(state.price - WAD) * BPS <= WAD * terms.band_bps
    room = min(
        state.mint_room,
        (terms.cap * 10**terms.decimals - state.units) * scale,
        stage.scenario.reserve.total_cap * WAD - backing.supply,
    )
    open_to_mint = in_band and not backing.deficit and room > 0

    def mint(units: int) -> int:
        return less_fee(units, terms.mint_fee_bps) * scale * worth // WAD

    def redeem(aid: int) -> int:
        return less_fee(aid, terms.redeem_fee_bps) * WAD // max(WAD, state.price) // scale

    per_aid = basket_value(stage, snapshot)

    def basket(aid: int) -> int:
        return aid * per_aid // state.price // scale

    return Counter(
        coin=coin,
        token=AID,
        buy=mint,
        most_bought=room // scale if open_to_mint else 0,
        redeem=basket if backing.deficit else redeem,
        most_redeemed=backing.supply if backing.deficit else min(state.redeem_room, state.units * scale),
    )


def basket_value(stage: Stage, snapshot: Snapshot) -> int:
    """Return what the basket for one AID would fetch on the market, in dollars (WAD)."""
    total = 0
    for name, state in snapshot.coins.items():
        bills = (
            one.value
            for vault_name, one in snapshot.vaults.items()
            if stage.scenario.reserve.vaults[vault_name].coin == name
        )
        units = state.units + sum(bills)
        total += units * int(10 ** (18 - stage.scenario.decimals(name))) * state.price // WAD
    backing = snapshot.backing
    return total * WAD // max(backing.supply, backing.backing_par) if backing.supply else 0


def execute(stage: Stage, who: str, pool: str, trip: Trip) -> Outcome:
    """Make a trip that has been planned: two legs, and the T-bills of a basket handed in.

    Raises `Reverted` or `RevertedError` if a leg is refused.
    """
    world, account = stage.world, stage.world.account(who)
    snapshot = world.snapshot()
    counter = counter_of(stage, snapshot, pool)
    assert counter is not None
    coin, token = counter.coin, counter.token
    venue = world.venue(pool)
    if trip.route == "buy, then sell":
        if token == SAID:
            made, flows = world.deposit(who, trip.amount, 0), {"deposited": trip.amount}
        else:
            made = world.mint(who, coin, trip.amount, 0)
            flows = {"minted": made}
        quote = venue.quote_in(token, coin, made)
        got = venue.swap(account, quote, 0).received[coin]
        promised, traded = (quote.amount_out, got), stage.to_dollars(made, token)
        text = f"{stage.text(trip.amount, coin)} → {stage.text(made, token)} → {stage.text(got, coin)}"
        gain = stage.text(got - trip.amount, coin)
    else:
        quote = venue.quote_in(coin, token, trip.amount)
        bought = venue.swap(account, quote, 0).received[token]
        promised, traded = (quote.amount_out, bought), stage.to_dollars(trip.amount, coin)
        flows = {"redeemed": bought}
        text = f"{stage.text(trip.amount, coin)} → {stage.text(bought, token)} → "
        if snapshot.backing.deficit:
            paid = world.redeem_basket(who, bought)
            for name, shares in paid.items():
                if name in stage.scenario.reserve.vaults and shares:
                    world.redeem_vault(who, name, shares)
            text += "a basket"
            gain = f"about {stage.text(trip.profit, coin)}"
        else:
            back = world.redeem(who, coin, bought, 0)
            text += stage.text(back, coin)
            gain = stage.text(back - trip.amount, coin)
    return Outcome(f"{text}: gains {gain}", {**flows, "swapped": traded}, [promised])
