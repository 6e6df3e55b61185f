"""How a holder leaves, by whatever way is open to an account without a role."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.economics.speech import has
from tests.economics.world import COINS, WAD, World


@dataclass
class Paid:
    """What somebody got for AID, in wei of a dollar at true prices."""

    how: str
    worth: int
    refusals: dict[str, str] = field(default_factory=dict)


def holdings(
    world: World, who: str, true: dict[str, float] | None = None, frozen: tuple[str, ...] = ()
) -> int:
    """What an account has in coins and vault shares, wei of a dollar at true prices; a frozen coin is worth
    0.
    """
    worth = 0
    for coin in (name for name in world.contracts if f"{name}_feed" in world.contracts):
        if coin not in frozen:
            units = world.balance(who, coin)
            worth += int(units * 10**12 * (true or {}).get(coin, 1.0))
    shares = world.balance(who, "tbill")
    return worth + shares * world.view(world.tbill.price()) // WAD


def leave(
    world: World,
    who: str,
    amount: int,
    coins: tuple[str, ...] = COINS,
    true: dict[str, float] | None = None,
    frozen: tuple[str, ...] = (),
) -> Paid:
    """Give AID back: for one coin if that works, else for a basket; the first way that is open counts."""
    before = holdings(world, who, true, frozen)
    refusals: dict[str, str] = {}
    for coin in coins:
        reason = world.attempt(who, world.gateway.redeem(world.contracts[coin].address, amount, 0))
        if reason is None:
            return Paid(coin, holdings(world, who, true, frozen) - before, refusals)
        refusals[coin] = reason
    reason = world.attempt(who, world.gateway.redeem_basket(amount, []))
    if reason is None:
        return Paid("basket", holdings(world, who, true, frozen) - before, refusals)
    refusals["basket"] = reason
    return Paid("nothing", 0, refusals)


def probe(world: World, coin: str) -> None:
    """Anyone's call that finds out whether a coin can be delivered; the contracts of before have none."""
    if has(world.gateway, "probe"):
        world.act("stranger", world.gateway.probe(world.contracts[coin].address))


def redeem_most(world: World, who: str, coin: str, amount: int) -> tuple[int, int]:
    """Redeem as much of an amount as limits let pass now; AID burned and units received."""
    spent, before = 0, world.balance(who, coin)
    part = amount
    for _ in range(60):  # a limit that refills by the second lets ever more pass
        if part < WAD or spent >= amount:
            break
        part = min(part, amount - spent)
        if world.attempt(who, world.gateway.redeem(world.contracts[coin].address, part, 0)) is None:
            spent += part
        else:
            part //= 2
    return spent, world.balance(who, coin) - before


def write_asset(world: World, coin: str, **changes: int) -> str | None:
    """Set some of a coin's terms; the reason if that is refused."""
    asset = world.contracts[coin].address
    present = vars(world.view(world.configurator.asset_params(asset)))
    return world.attempt(
        "governor", world.configurator.set_asset(asset, tuple({**present, **changes}.values()))
    )
