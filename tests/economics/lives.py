"""Whole lives of deals, from funding to the last day, and who ends with what.

A life is one deal of a vault that has no other, so what the vault's balance does is that deal's doing. What
happens is
drawn from a seed: how it is paid, whether it fails, what the committee makes of that, who comes back with
money later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tests.economics import speech
from tests.economics.terms import DAY, WAD, Terms
from tests.economics.world import MILLION, World

UNIT = 10**12
STAKED = 20 * MILLION
#: Stages and statuses as docs/credit.md counts them.
FUNDED, CLOSED = 4, 8
PERFORMING, DEFAULTED, LIQUIDATING, OVER = 1, 2, 4, 8
#: Wei that rounding may leave in a life.
DUST = WAD // 1_000


def random_terms(choose: Random, structures: tuple[str, ...]) -> Terms:
    """A debt, a share, or both; with or without buffers."""
    structure = choose.choice(structures)
    debt: dict[str, int] = {}
    share: dict[str, int] = {}
    if structure != "share":
        interval = choose.choice((30, 45, 90))
        debt = {
            "principal": choose.choice((100_000, 1_000_000, 2_000_000)) * WAD,
            "rate_bps": choose.choice((500, 1_200, 3_000)),
            "interval": interval,
            "instalments": choose.choice((90, 180, 360)) // interval,
            "amortising": structure != "bullet",
        }
    if structure in ("share", "hybrid"):
        cost, count = choose.choice((50_000, 400_000)) * WAD, choose.choice((6, 10))
        share = {
            "share_cost": cost,
            "share_instalments": count,
            "share_interval": 30,
            "share_minimum": -(-cost // count) * choose.choice((100, 120)) // 100,
        }
    funding = debt.get("principal", 0) + share.get("share_cost", 0)
    return Terms(
        **debt,  # type: ignore[arg-type]
        **share,
        reserve=funding * choose.choice((0, 0, 5, 15)) // 100,
        first_loss=funding * choose.choice((0, 0, 10, 25)) // 100,
    )


@dataclass
class Life:
    """One deal's. `run` plays it to its end and checks who has what.

    Args:
        world: With twenty million staked and nothing lent, and allowances and AID for everybody below.
        seed: What happens.
        structures: Of which one is drawn: level, bullet, share, hybrid.
        manners: What the committee makes of a default, of which one is drawn: sell, step in, wait.
        silent: Whether the committee does nothing once the deal is funded (RD5's default path).
    """

    world: World
    seed: int
    structures: tuple[str, ...] = ("level", "level", "bullet", "share", "hybrid")
    manners: tuple[str, ...] = ("sell", "sell", "step in", "step in", "wait")
    silent: bool = False
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.choose = Random(self.seed)
        self.terms = random_terms(self.choose, self.structures)
        self.shifts = 0
        self.interval, self.count = 0, 0
        self.stepped = False
        self.sold_for = 0
        self.pays_until = self.choose.choice((0, 1, 2, 4, 1_000))
        self.manner = self.choose.choice(self.manners)

    # acting

    def note(self, what: str) -> None:
        self.log.append(f"{(self.world.now - self.born) / DAY:8.2f} d  {what}")

    def told(self, what: str) -> str:
        return f"{what}\nseed {self.seed}: {self.terms}\n" + "\n".join(self.log)

    def run(self) -> Life:
        world, terms, choose = self.world, self.terms, self.choose
        self.insured = choose.choice((0, 0, 100_000)) * WAD
        if self.insured:
            world.act("friend", world.insurance_fund.contribute(self.insured))
        self.held = {who: self._dollars(who) for who in ("borrower", "friend", "buyer", "stranger")}
        worth = terms.funding * choose.choice((14, 20, 30)) // 10
        self.deal = world.fund(terms, worth=worth)
        self.born = world.now
        self.start = world.midnight() // DAY
        self.lent = STAKED - world.balance("vault")
        assert self.lent == terms.funding, self.told("lent something else than was agreed")
        self.interval = terms.interval or terms.share_interval
        self.due_day = self.start + self.interval
        for _ in range(150):
            status = int(world.view(world.desk.status(self.deal)))
            if status == PERFORMING:
                self.perform()
            elif status == DEFAULTED:
                self.fail()
            elif status == LIQUIDATING:
                self.sell()
            else:
                break
        else:
            raise AssertionError(self.told("does not end"))
        self.finish()
        return self

    def perform(self) -> None:
        """Until the next due day: an instalment, something else, or nothing; then somebody looks whether it
        is late.
        """
        world, choose = self.world, self.choose
        self.shifts += 1
        lateness = choose.choice((-3, 0, 0, 0, 0, 5, 9, 12, 33))
        at = max(world.now + 60, (self.due_day + lateness) * DAY - 60)
        world.go(at)
        if choose.random() < 0.15:
            self.try_("stranger", world.desk.draw_reserve(self.deal), "draws the reserve")
        if self.shifts <= self.pays_until:
            self.pay(choose.choice(("instalment",) * 9 + ("part", "all")))
        if self.terms.share_cost and choose.random() < 0.7 and self.shifts <= self.pays_until:
            self.pay("minimum")
        self.due_day += self.interval
        if choose.random() < 0.8:
            self.try_("stranger", speech.declare(world, self.deal), "says that it is in default")
        if world.now > (self.start + 1_200) * DAY:
            world.go(world.now + 30 * DAY)
            self.try_("stranger", speech.declare(world, self.deal), "says that it is in default")
        self.try_("stranger", world.desk.close(self.deal), "closes it", quiet=True)

    def pay(self, what: str) -> None:
        world, choose = self.world, self.choose
        owed = world.owed(self.deal)
        to_share = what == "minimum" or self.stepped or not self.terms.principal
        if what == "all":
            amount = owed + choose.choice((0, WAD, 10_000 * WAD))
        elif to_share:
            amount = self.minimum
        else:
            k = min(self.shifts, self.terms.instalments)
            amount = self.terms.instalment(k) if k < self.terms.instalments else owed + WAD
        if what == "part":
            amount = max(amount * choose.choice((0, 30, 70)) // 100, 1)
        if choose.random() < 0.5:
            units = -(-amount // UNIT)
            self.try_(
                "borrower", speech.pay(world, self.deal, units, "usdc", to_share), f"pays {units:,} units"
            )
        else:
            self.try_(
                "friend", speech.pay_aid(world, self.deal, amount, to_share), f"pays {amount / WAD:,.2f} AID"
            )

    @property
    def minimum(self) -> int:
        return self.share_minimum if self.stepped else self.terms.share_minimum

    def fail(self) -> None:
        """In default: cured, sold, let to a partner, or nobody does anything for a time."""
        world, choose = self.world, self.choose
        world.wait(choose.choice((1, 3, 10, 25)) * DAY + choose.randrange(DAY))
        if choose.random() < 0.1:
            self.pay(choose.choice(("instalment", "all")))
        if choose.random() < 0.15 and not self.silent:
            self.try_(
                "committee",
                speech.mark(world, self.deal, choose.choice((500, 3_000, 9_000))),
                "marks it down",
            )
        if self.silent:
            self.try_("stranger", speech.liquidate(world, self.deal), "has it sold, for nobody else does")
        elif self.manner == "sell" or (self.stepped and choose.random() < 0.8):
            self.try_("committee", speech.liquidate(world, self.deal), "has it sold")
        elif self.manner == "step in":
            count, interval = choose.choice(((13, 7), (6, 30), (12, 30)))
            reason = speech.step_in(world, self.deal, count, interval)
            self.note(f"a partner steps in, {count} × {interval} days: {reason or 'done'}")
            if reason is None:
                self.stepped, self.interval = True, interval
                self.start = world.midnight() // DAY
                self.due_day = self.start + interval
                self.share_minimum = world.owed(self.deal) // count + 1
                self.shifts, self.pays_until = 0, choose.choice((0, 2, count, count))
                self.manner = choose.choice(("sell", "sell", "wait"))
            else:
                self.manner = "sell"
        elif choose.random() < 0.2:
            self.manner = "sell"

    def sell(self) -> None:
        """A round: somebody bids at some price, or nobody does."""
        world, choose = self.world, self.choose
        if self.sold_for == 0 and choose.random() < 0.7:
            limit = world.owed(self.deal) * choose.choice((130, 95, 70, 45)) // 100
            coin = choose.choice(("aid", "usdc"))
            most = limit if coin == "aid" else limit // UNIT
            at = self.when_at_most(limit)
            if at is not None:
                world.go(at)
                before = self._dollars("buyer")
                if self.try_("buyer", speech.bid(world, self.deal, coin, most), "bids") is None:
                    self.sold_for = before - self._dollars("buyer")
                    self.note(f"sold for {self.sold_for / WAD:,.2f} in {coin}")
                    return
        world.wait(4 * DAY)
        self.try_("stranger", world.house.expire(self.deal), "ends the sale")

    def when_at_most(self, limit: int) -> int | None:
        """The first second, to an hour, in which the lot costs no more than this; none in this round."""
        for at in range(self.world.now + 60, self.world.now + 8 * DAY, 3 * 3_600):
            try:
                price = self.world.view(self.world.house.price(self.deal), at)
            except RuntimeError:
                return None
            if price <= limit:
                return at
        return None

    def try_(self, who: str, call: speech.Call, what: str, quiet: bool = False) -> str | None:
        reason = self.world.attempt(who, call)
        if not (quiet and reason):
            self.note(f"{who} {what}" + (f": {reason}" if reason else ""))
        return reason

    # the end

    def finish(self) -> None:
        world, choose = self.world, self.choose
        if choose.random() < 0.5:
            amount = choose.choice((1_000, 50_000, 3_000_000)) * WAD
            self.try_(
                "friend", speech.pay_aid(world, self.deal, amount), f"brings {amount / WAD:,.0f} from a court"
            )
        claim = world.claimable("borrower")
        world.collect_claim("borrower")
        world.attempt("stranger", world.desk.claim_fees())
        world.go(world.cycle_end() + 1)
        world.go(world.cycle_end() + 1)
        world.go(world.cycle_end() + 1)
        world.act("stranger", world.vault.sync())
        # nothing is left where it belongs to nobody
        self._check("left at the desk", world.balance("desk"), DUST)
        # the vault is worth what it holds, once all has vested
        self._check("worth without money", world.exit_assets() - world.balance("vault"), DUST)
        self._check("money without worth", world.balance("vault") - world.exit_assets(), DUST)
        # order of loss: the borrower has nothing back while vault or insurance lack anything
        insurance = self.insured - world.balance("insurance_fund")
        lacks = STAKED - world.balance("vault")
        fees = world.balance("treasurer") - world.fees_before
        if claim > DUST:
            self._check("lacking while the borrower has a claim: vault", lacks - max(0, fees), DUST)
            self._check("lacking while the borrower has a claim: insurance", insurance, DUST)
        if insurance > DUST:
            self._check("claim of the borrower of an insured loss", claim, DUST)
        # a stranger who only looked has nothing of it
        assert self._dollars("stranger") == self.held["stranger"], self.told("a stranger gained")
        # dollars are covered
        coins = sum(world.balance("gateway", coin) for coin in ("usdc", "usdt")) * UNIT
        self._check("dollars without cover", world.supply - coins, DUST)
        # what went in came out: payers, buyer and first loss on one side, everybody else on the other
        paid = sum(self.held[who] - self._dollars(who) for who in ("borrower", "friend", "buyer"))
        gained = (world.balance("vault") - STAKED) + (world.balance("insurance_fund") - self.insured) + fees
        # coins round to units at each payment
        self._check("appeared or vanished", abs(paid - gained), 10**15)

    def _check(self, what: str, amount: int, most: int) -> None:
        assert amount <= most, self.told(f"{what}: {amount / WAD:,.4f}, at most {most / WAD:,.4f}")

    def _dollars(self, who: str) -> int:
        world = self.world
        return world.balance(who) + (world.balance(who, "usdc") + world.balance(who, "usdt")) * UNIT
