"""The few calls whose form the new rules have changed, spoken as the contracts at hand understand them.

A case is written once and can be run on the contracts of before the rules: there it fails on its number.
"""

from __future__ import annotations

from typing import Any

from tests.economics.world import FOREVER, World
from tests.support.fast import Call, Contract


def has(contract: Contract, name: str, count: int | None = None) -> bool:
    """Whether a contract has a function of this name (and number of arguments)."""
    return any(
        entry["type"] == "function" and entry["name"] == name and count in (None, len(entry["inputs"]))
        for entry in contract._abi
    )


def names_of(contract: Contract, name: str) -> list[str]:
    """The longest form's arguments, by name."""
    forms = [e["inputs"] for e in contract._abi if e["type"] == "function" and e["name"] == name]
    return [entry["name"].lstrip("_") for entry in max(forms, key=len)]


def officer(world: World, name: str) -> Contract:
    """Who carries out an enforcement step: the workout, or the desk of before."""
    if "workout" in world.contracts and has(world.workout, name):
        return world.workout
    return world.desk


def pay(world: World, deal: int, units: int, coin: str = "usdc", to_share: bool = False) -> Call:
    """A payment of at most so many units of a coin, for the debt or for the share's missing minimums."""
    return world.desk.pay(deal, world.contracts[coin].address, units, to_share)


def pay_aid(world: World, deal: int, amount: int, to_share: bool = False) -> Call:
    return world.desk.pay_aid(deal, amount, to_share)


def lenient(contract: Contract, name: str, **given: Any) -> Call:
    """Call a function with the arguments that it has by name."""
    return getattr(contract, name)(*(given[argument] for argument in names_of(contract, name)))


def bid(world: World, deal: int, coin: str = "aid", most: int = FOREVER) -> Call:
    return world.house.bid(deal, world.contracts[coin].address, most)


def settle(world: World, number: int) -> Call:
    """Have a waiting payment used."""
    if has(world.desk, "settle_waiting"):
        return world.desk.settle_waiting(number)
    return world.desk.settle_escrow(number)


def take_back(world: World, who: str, number: int, coin: str) -> None:
    """The payer pulls what of a waiting payment cannot be used; the contracts of before have no way."""
    for name in ("take_back", "withdraw", "claim_back"):
        for contract in (world.contracts.get("escrow"), world.desk):
            if contract is not None and has(contract, name):
                given = {
                    "id": number,
                    "number": number,
                    "coin": world.contracts[coin].address,
                    "asset": world.contracts[coin].address,
                    "receiver": world.addresses[who],
                }
                world.attempt(who, lenient(contract, name, **given))
                return


def declare(world: World, deal: int) -> Call:
    return officer(world, "declare_default").declare_default(deal)


def liquidate(world: World, deal: int) -> Call:
    return officer(world, "liquidate").liquidate(deal)


def default_and_liquidate(world: World, deal: int) -> None:
    """A late deal is called in default, and the committee has its collateral sold."""
    world.act("stranger", declare(world, deal))
    world.act("committee", liquidate(world, deal))


def step_in(world: World, deal: int, instalments: int, interval: int) -> str | None:
    """The committee lets a partner go on with a lot; announced and waited for where that is asked."""
    officer_ = officer(world, "step_in")
    if has(officer_, "announce_step_in"):
        reason = world.attempt("committee", officer_.announce_step_in(deal, instalments, interval))
        if reason is not None:
            return reason
        world.wait(7 * 86_400 + 60)
        world.appraise(deal)
    return world.attempt("committee", step_in_call(world, deal, instalments, interval))


def step_in_call(world: World, deal: int, instalments: int, interval: int) -> Call:
    return lenient(
        officer(world, "step_in"), "step_in", deal=deal, instalments=instalments, interval=interval
    )


def mark(world: World, deal: int, bps: int) -> Call:
    """The committee's word that so much of a deal is lost."""
    return lenient(officer(world, "mark"), "mark", deal=deal, bps=bps)


def recounts(world: World, number: int, deal: int) -> list[Call]:
    """What anyone can do to have a waiting payment looked at again: recount it, settle it, call the deal
    late.
    """
    calls = []
    for name in ("recount", "settle_waiting", "settle_escrow"):
        if has(world.desk, name):
            calls.append(getattr(world.desk, name)(number))
    return [*calls, declare(world, deal)]


def allocate(world: World, units: int) -> Call:
    """The treasurer's move of coins into T-bills."""
    keeper = world.treasury if "treasury" in world.contracts else world.gateway
    return keeper.allocate(world.tbill.address, units)
