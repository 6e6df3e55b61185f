"""A town with passive people, a calendar, and somebody without a role who may do anything.

`Town.play` plays a history: the calendar, what happens to prices, and what the actor does. Played again with
the actor's
twin, who makes the same deposits and requests at the same times and nothing else, it tells what the actor's
other acts
have cost whom.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from tests.economics import speech
from tests.economics.leaving import leave
from tests.economics.terms import LOAN, SHARE
from tests.economics.world import DAY, FOREVER, MILLION, PAR, USDC, WAD, World
from tests.support.fast import Call

UNIT = 10**12
#: Days that a history lasts, and until everything in it is over.
DAYS, END = 150, 240
#: What a lot is worth to whoever has it.
LOT = 1_600_000 * WAD
#: True prices while the feeds say one: inside the shipped deviation of 10 bps.
TRUE = {"usdc": 9_990, "usdt": 10_010}
COINS = ("usdc", "usdt")
CLOSED = 8

PAYS, FAILS, LATE = 1, 2, 3
#: A loan that is kept, one that fails after its first instalment, a share that is always twelve days late.
DEALS = {
    PAYS: LOAN,
    FAILS: replace(LOAN, reserve=50_000 * WAD, first_loss=100_000 * WAD),
    LATE: SHARE,
}
#: What others do on which day.
CALENDAR: tuple[tuple[float, str], ...] = (
    *((29.9 + 30 * k, "keep") for k in range(3)),
    (29.95, "pay_once"),
    *((42.0 + 30 * k, "pay_late") for k in range(4)),
    *((1.0 + 7 * k, "look_after") for k in range(30)),
    *((72.0 + 7 * k, "sell") for k in range(20)),
    *((73.0 + k / 2, "buy") for k in range(200)),
    *((83.5 + 4 * k, "end_sale") for k in range(30)),
    (60.5, "leave"),
    (100.0, "pay_off"),
    (146.0, "pay_off"),
)


@dataclass(frozen=True)
class Act:
    """Something that the actor does: in which second, what, with or without KYC, how much of what there
    is.
    """

    at: int
    name: str
    known: bool
    part: int  # thousandths
    which: int


@dataclass(frozen=True)
class Weather:
    """Something that happens to everybody for a time."""

    at: int
    name: str
    seconds: int


@dataclass
class Told:
    """What accounts are worth at the end, wei of a dollar at true prices, and how the actor moved the exit
    price.
    """

    passive: dict[str, int]
    voluntary: dict[str, int]
    actor: int
    log: list[str] = field(default_factory=list)
    moves: list[tuple[str, float]] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)  # exits that were not open
    missed: int = 0  # acts of the actor that his twin could not follow
    paid: int = 0  # what the actor has paid for deals, which saves their borrower interest


def settle_in(world: World) -> int:
    """Give out the parts; returns the first second of the calendar.

    A holder has two million AID, a staker ten staked, a leaver three, the fund 200,000. The actor's two
    accounts have
    more of coins, AID and shares than they can use. Makers have both pools. Half of the USDC is in T-bills.
    """
    world.slow_feeds()
    for coin in COINS:
        world.mint("staker", 30_000_000, coin)
    parts = (("holder", 2), ("leaver", 3), ("friend", 20), ("stranger", 15), ("donor", 2), ("buyer", 2))
    for who, millions in parts:
        world.act("staker", world.aid.transfer(world.addresses[who], millions * MILLION))
    world.stake("staker", 9 * MILLION)
    world.stake("leaver", 3 * MILLION)
    for who, millions in (("friend", 4), ("stranger", 3), ("donor", 1)):
        world.stake(who, millions * MILLION)
    for who in ("friend", "stranger"):
        for coin in COINS:
            world.give(who, coin, 20_000_000)
    world.give("borrower", "usdc", 6_000_000)
    world.act("staker", world.aid.transfer(world.addresses["borrower"], 300_000 * WAD))
    world.act("staker", world.insurance_fund.contribute(200_000 * WAD))
    world.give("donor", "usdc", 1_000_000)
    for pool, coins, amounts in (
        ("market", ("aid", "usdc"), [400_000 * WAD, 400_000 * USDC]),
        ("exit_market", ("vault", "aid"), [400_000 * WAD, 400_000 * WAD]),
    ):
        for who in ("donor", "friend", "stranger"):
            for token in coins:
                world.act(who, world.contracts[token].approve(world.addresses[pool], FOREVER))
        order = [world.view(world.contracts[pool].coins(i)) for i in (0, 1)]
        sent = dict(zip((world.contracts[token].address.lower() for token in coins), amounts, strict=True))
        amounts = [sent[token] for token in order]
        world.act("donor", world.contracts[pool].add_liquidity(amounts, 0))
    world.act("treasurer", speech.allocate(world, world.balance("gateway", "usdc") // 2))
    for terms in DEALS.values():
        world.fund(terms)
    start = world.now
    world.line_up("leaver")
    return start


class Town:
    """A world in which everybody has a part, as `settle_in` leaves it."""

    def __init__(self, world: World, start: int) -> None:
        self.world = world
        self.start = start
        self.followed: list[tuple[int, str, Call]] = []
        self.told = Told({}, {}, 0)
        self.buyers = True

    def play(
        self,
        acts: Sequence[Act],
        weather: Sequence[Weather],
        twin: Sequence[tuple[int, str, Call]] | None = None,
    ) -> Told:
        """Play a history, or its passive version, whose acts are what `followed` was after the first."""
        world = self.world
        agenda: list[tuple[int, int, Callable[[], None]]] = []
        for day, name in CALENDAR:
            agenda.append((self.start + int(day * DAY), 0, getattr(self, f"_{name}")))
        for event in weather:
            begin = self.start + event.at
            agenda.append((begin, 1, lambda e=event: self._weather(e, True)))
            self.buyers = self.buyers and event.name != "no_buyer"
            agenda.append((begin + event.seconds, 1, lambda e=event: self._weather(e, False)))
        if twin is None:
            agenda += [(self.start + act.at, 2, lambda a=act: self._act(a)) for act in acts]
        else:
            agenda += [(at, 2, lambda w=who, c=call: self._follow(w, c)) for at, who, call in twin]
        for at, _, do in sorted(agenda, key=lambda entry: entry[:2]):
            if at > world.now + 1:
                # the next call is in this second, without an empty block before it
                world.second(at - 1)
                world.latest = max(world.latest, at - 1)
            do()
        return self._end()

    # the calendar

    def _pay(self, deal: int, amount: int, to_share: bool = False) -> None:
        self.world.attempt("borrower", speech.pay(self.world, deal, -(-amount // UNIT), "usdc", to_share))

    def _keep(self) -> None:
        self._pay(PAYS, LOAN.instalment(1))

    def _pay_once(self) -> None:
        self._pay(FAILS, LOAN.instalment(1))

    def _pay_late(self) -> None:
        self._pay(LATE, SHARE.share_minimum, True)

    def _pay_off(self) -> None:
        world = self.world
        for deal in (PAYS, LATE):
            self._pay(deal, world.owed(deal) + WAD, deal == LATE)

    def _look_after(self) -> None:
        """What a diligent keeper does once a week."""
        world = self.world
        world.try_("donor", world.gateway.harvest())
        for deal in DEALS:
            world.try_("donor", world.desk.draw_reserve(deal))
            world.try_("donor", speech.declare(world, deal))

    def _sell(self) -> None:
        self.world.try_("committee", speech.liquidate(self.world, FAILS))

    def _buy(self) -> None:
        """The lot's maker takes it for three quarters of its worth."""
        if self.buyers:
            self.world.try_("buyer", speech.bid(self.world, FAILS, "aid", LOT * 3 // 4))

    def _end_sale(self) -> None:
        self.world.try_("donor", self.world.house.expire(FAILS))

    def _leave(self) -> None:
        world = self.world
        if world.balance("leaver", "vault"):
            world.line_up("leaver")

    # what happens to everybody

    def _weather(self, event: Weather, begins: bool) -> None:
        world, (coin, *_) = self.world, COINS[event.at % 2 :]
        world.priced = 0 if event.name.startswith("feed") else world.priced
        match event.name:
            case "feed_low":
                world.price(coin, 99_910_000 if begins else PAR)
            case "feed_high":
                world.price(coin, 100_090_000 if begins else PAR)
            case "feed_false_high":
                world.price(coin, 150_000_000 if begins else PAR)
            case "feed_false_low":
                world.price(coin, 60_000_000 if begins else PAR)
            case "feed_silent":
                world.silence(coin) if begins else world.price(coin, PAR)
            case "report_low":
                if begins:
                    world.act("governor", world.tbill.lose(100))
                else:
                    world.act("governor", world.tbill.set_rate(53_000_000))
                    world.go(world.now + 60)
                    world.act("governor", world.tbill.set_rate(450))
            case "report_high":
                world.act("governor", world.tbill.overstate(300 if begins else 0))
            case "no_buyer":
                pass  # of the whole history
            case "mint_closed":
                name = world.contracts[coin].address
                who = "guardian" if begins else "governor"
                world.attempt(who, world.configurator.pause_asset(name, begins, False))

    # the actor

    def _act(self, act: Act) -> None:
        world = self.world
        role, _, name = act.name.partition(".")
        who = role if name else "friend" if act.known else "stranger"
        call = self._duty(replace(act, name=name)) if name else self._call(act, who)
        if call is None:
            return
        t = world.second()
        before = world.exit_price(t)
        reason = world.attempt(who, call, t)
        moved = (world.exit_price() - before) * 10_000 / before
        if reason is None:
            self.told.log.append(
                f"{(t - self.start) / DAY:8.3f} d  {who} {act.name} {act.part}‰ {act.which}: {moved:+.3f} bps"
            )
            self.told.moves.append((act.name, moved))
            if act.name.startswith("pay"):
                self.told.paid += 200_000 * WAD * act.part // 1_000
            if act.name in ("deposit", "request", "cancel"):
                self.followed.append((t, who, call))

    def _follow(self, who: str, call: Call) -> None:
        if self.world.attempt(who, call) is not None:
            self.told.missed += 1

    def _call(self, act: Act, who: str) -> Call | None:
        world, me = self.world, self.world.addresses[who]
        coin = COINS[act.which % 2]
        token = world.contracts[coin].address
        deal = (PAYS, FAILS, LATE)[act.which % 3]
        part = lambda whole: whole * act.part // 1_000  # noqa: E731
        # amounts do not depend on what he has, so that his twin can follow
        match act.name:
            case "mint":
                return world.gateway.mint(token, part(MILLION // UNIT), 0)
            case "redeem":
                return world.gateway.redeem(token, part(MILLION), 0)
            case "basket":
                return world.gateway.redeem_basket(part(MILLION), [])
            case "give":
                return world.gateway.recapitalise(token, part(20_000 * USDC))
            case "deposit":
                return world.vault.deposit(part(MILLION), me)
            case "request":
                return world.vault.requestRedeem(part(MILLION // 2), me, me)
            case "cancel":
                return world.vault.cancel_request(me, me)
            case "claim":
                return world.vault.claim(me, me)
            case "sync":
                return world.vault.sync()
            case "harvest":
                return world.gateway.harvest()
            case "pay":
                amount = part(200_000 * WAD)
                return speech.pay_aid(world, deal, amount, deal == LATE)
            case "pay_coin":
                return speech.pay(world, deal, part(200_000 * USDC), coin, deal == LATE)
            case "settle":
                return speech.settle(world, 1 + act.which)
            case "recount":
                return speech.recounts(world, 1 + act.which, deal)[0]
            case "declare":
                return speech.declare(world, deal)
            case "draw":
                return world.desk.draw_reserve(deal)
            case "close":
                return world.desk.close(deal)
            case "liquidate":
                return speech.liquidate(world, deal)
            case "expire":
                return world.house.expire(FAILS)
            case "bid":
                return speech.bid(world, FAILS, "aid", part(2 * MILLION))
            case "insure":
                return world.insurance_fund.contribute(part(1_000 * WAD))
            case "sell_shares":
                return self._swap("exit_market", "vault", part(100_000 * WAD))
            case "buy_shares":
                return self._swap("exit_market", "aid", part(100_000 * WAD))
            case "sell_aid":
                return self._swap("market", "aid", part(100_000 * WAD))
            case "buy_aid":
                return self._swap("market", "usdc", part(100_000 * USDC))
            case "probe":
                return world.gateway.probe(token) if speech.has(world.gateway, "probe") else None
            case "recover":
                return world.desk.claim(me)
        raise ValueError(act.name)

    def _duty(self, act: Act) -> Call | None:
        """What a role may do; the calendar has what it should."""
        world = self.world
        coin = world.contracts[COINS[act.which % 2]].address
        deal = (PAYS, FAILS, LATE)[act.which % 3]
        officer = speech.officer(world, "step_in")
        try:
            match act.name:
                case "mark":
                    return speech.mark(world, deal, max(1, act.part * 10 - 10))
                case "propose_mark_up":
                    return speech.officer(world, "propose_mark_up").propose_mark_up(deal, act.part)
                case "mark_up":
                    return speech.officer(world, "mark_up").mark_up(deal)
                case "liquidate":
                    return speech.liquidate(world, deal)
                case "announce":
                    return officer.announce_step_in(deal, *((13, 7), (12, 30))[act.which % 2])
                case "withdraw":
                    return officer.withdraw_step_in(deal)
                case "step_in":
                    return speech.step_in_call(world, deal, *((13, 7), (12, 30))[act.which % 2])
                case "restart":
                    sale = world.view(world.house.auction(deal))
                    return world.house.restart(deal, sale.lowest, max(1, sale.lowest * act.part // 1_000))
                case "award":
                    return world.house.award(deal, world.addresses["friend"])
                case "allocate":
                    return speech.allocate(world, 1_000_000 * USDC * act.part // 1_000)
                case "deallocate":
                    keeper = world.contracts.get("treasury", world.gateway)
                    return keeper.deallocate(world.tbill.address, MILLION * act.part // 1_000)
                case "pause_mint":
                    return world.configurator.pause_mint()
                case "pause_asset":
                    return world.configurator.pause_asset(coin, act.part > 300, act.which % 3 == 0)
                case "pause_redeem":
                    return world.configurator.pause_redeem()
                case "pause":
                    return world.aid.pause()
                case "lower_cap":
                    return world.configurator.lower_cap(coin, act.part * 10_000)
                case "close_deposits":
                    return world.vault.set_deposit_limits(0, True)
                case "deny":
                    return world.aid.deny(world.addresses["stranger"])
                case "allow":
                    return world.aid.allow(world.addresses["stranger"])
        except (KeyError, RuntimeError):
            return None  # these contracts have no such function, or there is nothing to call it for
        raise ValueError(act.name)

    def _swap(self, pool: str, sold: str, amount: int) -> Call:
        market = self.world.contracts[pool]
        first = self.world.view(market.coins(0)) == self.world.contracts[sold].address.lower()
        i, j = (0, 1) if first else (1, 0)
        return market.exchange(i, j, amount, 0)

    # the end

    def _end(self) -> Told:
        """Everything is over; what everybody has."""
        world = self.world
        for coin in COINS:
            world.silent.discard(coin)
            world.prices[coin] = PAR
        world.priced = 0
        world.go(max(world.now + 1, self.start + END * DAY))
        world.act("donor", world.vault.sync())
        for who in ("leaver", "friend", "stranger"):
            world.claim(who)
        told = self.told
        lines = {who: self._in_line(who) for who in ("staker", "leaver", "friend", "stranger")}
        shares = {
            who: world.balance(who, "vault") + lines[who]
            for who in ("staker", "leaver", "friend", "stranger")
        }
        told.passive = {
            "holder": world.balance("holder"),
            "staker": self._worth(shares["staker"]),
            "leaver": world.balance("leaver") + self._worth(shares["leaver"]),
            "insurance": world.balance("insurance_fund"),
            "reserve": self._surplus(),
        }
        told.voluntary = {
            "makers": sum(self._pool(pool) for pool in ("market", "exit_market")),
            "buyer": world.balance("buyer") + self._lots("buyer"),
            "borrower": self._dollars("borrower") + self._lots("borrower") + world.claimable("borrower"),
        }
        told.actor = sum(
            self._dollars(who) + self._worth(shares[who]) + self._lots(who) + world.claimable(who)
            for who in ("friend", "stranger")
        )
        told.stuck = self._leave_all()
        return told

    def _leave_all(self) -> list[str]:
        """Exit always: AID leaves at once, shares with a cycle, all once no deal is open; no role helps."""
        world, stuck = self.world, []
        if not (
            world.view(world.aid.paused()) or world.now < world.view(world.configurator.redeem_paused_until())
        ):
            amount = world.balance("holder") // 2
            paid = leave(world, "holder", amount)
            if paid.worth < amount * 9_950 // 10_000:
                stuck.append(
                    f"{paid.worth / WAD:,.0f} for {amount / WAD:,.0f} AID by {paid.how}: {paid.refusals}"
                )
        shares = world.balance("staker", "vault")
        if shares:
            world.line_up("staker", shares)
        world.go(world.cycle_end() + 1)
        world.act("donor", world.vault.sync())
        world.go(world.cycle_end() + 1)
        world.act("donor", world.vault.sync())
        worth = self._worth(shares)
        got = world.claim("staker")
        over = all(int(world.view(world.desk.status(deal))) == CLOSED for deal in DEALS)
        if over and got < worth - worth // 10**6:
            stuck.append(f"{got / WAD:,.0f} for shares worth {worth / WAD:,.0f}, and no deal is open")
        return stuck

    def _dollars(self, who: str) -> int:
        world = self.world
        coins = sum(world.balance(who, coin) * UNIT * TRUE[coin] // 10_000 for coin in COINS)
        tbill = world.balance(who, "tbill") * world.view(world.tbill.price()) // WAD * TRUE["usdc"] // 10_000
        return world.balance(who) + coins + tbill

    def _worth(self, shares: int) -> int:
        return int(self.world.view(self.world.vault.convertToAssets(shares)))

    def _in_line(self, who: str) -> int:
        seen = self.world.view(self.world.vault.position(self.world.addresses[who]))
        return int(seen.active + seen.upcoming)

    def _lots(self, who: str) -> int:
        world = self.world
        mine = world.addresses[who].lower()
        numbers = [int(world.view(world.deals.receipt_of(deal))) for deal in (FAILS,)]
        return sum(LOT for number in numbers if world.view(world.receipts.ownerOf(number)) == mine)

    def _surplus(self) -> int:
        """What the reserve is truly worth beyond the supply."""
        world = self.world
        keepers = [name for name in ("gateway", "treasury", "escrow") if name in world.addresses]
        held = 0
        for keeper in keepers:
            held += self._dollars(keeper) - world.balance(keeper)
        return held - world.supply

    def _pool(self, pool: str) -> int:
        world = self.world
        worth = world.balance(pool) + self._worth(world.balance(pool, "vault"))
        return worth + world.balance(pool, "usdc") * UNIT * TRUE["usdc"] // 10_000
