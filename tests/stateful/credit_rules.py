"""What the credit desk does, and what its borrowers do."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.model.numbers import BPS, DAY, YEAR
from tests.stateful.checks import Kind
from tests.stateful.machine import COIN, PARTS, PAUSE, USER, action, part
from tests.stateful.world_rules import WorldRules

APR_BPS = st.sampled_from([0, 500, 1_500, 1_500, -2_000])

# Of what may be lent: often all of it, or one wei too much.
LENT = st.one_of(PARTS, st.sampled_from([1_000, 1_001]))


class CreditRules(WorldRules):
    """Lending, repayment, marks and losses, through the real credit lane."""

    @action(4, coin=COIN, of=LENT, apr_bps=APR_BPS, borrower=USER, who=USER, pause=PAUSE)
    def lend(self, coin, of, apr_bps, borrower, who, pause):
        now = self.at(pause)
        amount = part(self.model.settled(now).staking.lendable(now), of)
        slope = amount * apr_bps // (BPS * YEAR)
        self.act(
            "lend",
            who,
            self.contract("desk").fund_and_redeem(amount, slope, self.address(coin), self.address(borrower)),
            lambda m, t: m.lend(t, amount, slope, coin, borrower),
            now,
        )

    @action(1, of=LENT, apr_bps=APR_BPS, who=USER, pause=PAUSE)
    def lend_and_hold(self, of, apr_bps, who, pause):
        now = self.at(pause)
        amount = part(self.model.settled(now).staking.lendable(now), of)
        slope = amount * apr_bps // (BPS * YEAR)
        self.act(
            "lend_and_hold",
            who,
            self.contract("desk").fund(amount, slope),
            lambda m, t: m.fund(t, amount, slope),
            now,
        )

    @action(3, who=USER, coin=COIN, of=PARTS, income=PARTS, pause=PAUSE)
    def repay(self, who, coin, of, income, pause):
        now = self.at(pause)
        tokens = self.model.gateway.coins[coin]
        gross = self.model.staking.book.at(now)[0]
        units = part(min(tokens.token.of(who), gross // tokens.scale), of)
        # less than was sent if the coin takes a fee
        minted = tokens.minted(tokens.token.arriving(units), tokens.quote(now)[0])
        principal, gain = self._split(now, minted, income)
        self.act(
            "repay",
            who,
            self.contract("desk").pay(self.address(coin), units, principal, gain),
            lambda m, t: m.repay(t, who, coin, units, principal, gain),
            now,
        )

    @action(1, who=USER, of=PARTS, income=PARTS, pause=PAUSE)
    def repay_in_aid(self, who, of, income, pause):
        now = self.at(pause)
        amount = part(min(self.model.aid.of(who), self.model.staking.book.at(now)[0]), of)
        principal, gain = self._split(now, amount, income)
        self.act(
            "repay_in_aid",
            who,
            self.contract("desk").pay_aid(amount, principal, gain),
            lambda m, t: m.repay_aid(t, who, amount, principal, gain),
            now,
        )

    @action(1, who=USER, of=PARTS, income=PARTS, pause=PAUSE)
    def repay_what_is_held(self, who, of, income, pause):
        now = self.at(pause)
        amount = part(self.model.aid.of("desk"), of)
        principal, gain = self._split(now, amount, income)
        self.act(
            "repay_what_is_held",
            who,
            self.contract("desk").pay_held(amount, principal, gain),
            lambda m, t: m.repay_held(t, amount, principal, gain),
            now,
        )

    @action(2, of=PARTS, income=PARTS, lifted=PARTS, days=st.integers(1, 40), pause=PAUSE)
    def collect_unannounced(self, of, income, lifted, days, pause):
        """A desk that does not settle what is due before it pays: the vault does."""
        amount = part(self.model.aid.of("desk"), of)
        gain = part(amount, income)
        terms = amount, gain, part(amount, lifted) // 50, days * DAY
        self.act(
            "collect_unannounced",
            "desk",
            self.contract("vault").collect(*terms),
            lambda m, t: m.collect_unannounced(t, *terms),
            self.at(pause),
            Kind.MARK,
        )

    @action(2, of=PARTS, insured=PARTS, pause=PAUSE)
    def recover(self, of, insured, pause):
        """Late money for a loss."""
        amount = part(self.model.aid.of("desk"), of)
        terms = amount, part(amount, insured)
        self.act(
            "recover",
            "desk",
            self.contract("vault").recover(*terms),
            lambda m, t: m.recover(t, *terms),
            self.at(pause),
        )

    def _split(self, now: int, amount: int, income: int) -> tuple[int, int]:
        """Principal and gain of a payment: what is not principal vests."""
        gross = self.model.staking.book.at(now)[0]
        principal = min(gross, amount - min(amount, part(amount, income)))
        return principal, amount - principal

    @action(2, who=USER, repeg=st.booleans(), pause=PAUSE)
    def convert_escrow(self, who, repeg, pause):
        now = self.at(pause)
        waiting = [i + 1 for i, (_, units) in enumerate(self.model.gateway.escrows) if units]
        escrow = waiting[0] if waiting else len(self.model.gateway.escrows)
        if waiting and repeg:
            self.publish_prices(repeg=True, pause=pause)
        self.act(
            "convert_escrow",
            who,
            self.contract("gateway").convert_escrow(escrow),
            lambda m, t: m.gateway.convert_escrow(t, escrow),
            now,
        )

    @action(1, of=PARTS, days=st.integers(0, 90), who=USER, pause=PAUSE)
    def mark(self, of, days, who, pause):
        """Impair the book, and let the impairment ramp to the whole of it."""
        now = self.at(pause)
        gross = self.model.staking.book.at(now)[0]
        amount = part(gross, of)
        slope = gross // (days * DAY) if days else 0
        self.act(
            "mark",
            who,
            self.contract("desk").set_impairment(amount, slope),
            lambda m, t: m.set_impairment(t, amount, slope),
            now,
            Kind.MARK,
        )

    @action(1, apr_bps=APR_BPS, who=USER, pause=PAUSE)
    def set_accrual(self, apr_bps, who, pause):
        slope = self.model.staking.book.at(self.at(pause))[0] * apr_bps // (BPS * YEAR)
        self.act(
            "set_accrual",
            who,
            self.contract("desk").set_slope(slope),
            lambda m, t: m.set_slope(t, slope),
            self.at(pause),
        )

    @action(2, of=st.integers(0, 1_000), recovered=PARTS, who=USER, pause=PAUSE)
    def write_off(self, of, recovered, who, pause):
        """Resolve a part of the book: what is recovered comes in, what is not is a loss."""
        now = self.at(pause)
        gross, impairment = self.model.staking.book.at(now)
        carrying = part(gross, of)
        impaired = max(impairment - (gross - carrying), min(carrying, part(impairment, of)))
        recovery = min(self.model.aid.of(who), part(carrying, recovered))
        gain, loss = max(0, recovery - (carrying - impaired)) // 3, max(0, carrying - recovery)
        self.act(
            "write_off",
            who,
            self.contract("desk").resolve(carrying, impaired, recovery, gain, loss),
            lambda m, t: m.resolve(t, who, carrying, impaired, recovery, gain, loss),
            now,
            Kind.MARK,
        )
