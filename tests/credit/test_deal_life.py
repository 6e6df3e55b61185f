"""Whole lives of random deals, held against the model after every step."""

from dataclasses import replace

import ape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.credit_model import Status, Terms
from tests.conftest import DAY, LONG, WAD
from tests.credit.test_deal_desk import twin
from tests.support.deal_terms import MILLION
from tests.support.isolation import isolated

EXAMPLES = 60 if LONG else 8
#: Each step may round by a wei or two, and so may slopes.
DUST_A_STEP = 4


@st.composite
def terms(draw):
    """A loan, a share, or both."""
    kind = draw(st.sampled_from(["loan", "share", "hybrid"]))
    found = Terms()
    if kind != "share":
        interval = draw(st.integers(7, 92))
        found = replace(
            found,
            principal=draw(st.integers(1_000, 2_000_000)) * WAD + draw(st.integers(0, 999)),
            rate_bps=draw(st.integers(100, 5_000)),
            interval=interval,
            instalments=draw(st.integers(-(-90 // interval), min(1_095 // interval, 24))),
            amortising=draw(st.booleans()),
        )
    if kind != "loan":
        interval = draw(st.integers(7, 31))
        count = draw(st.integers(-(-90 // interval), min(1_095 // interval, 24)))
        cost = draw(st.integers(1_000, 900_000)) * WAD
        found = replace(
            found,
            share_cost=cost,
            share_interval=interval,
            share_instalments=count,
            share_minimum=-(-cost // count) + draw(st.integers(0, cost // count)),
        )
    return found


steps = st.lists(
    st.tuples(
        st.sampled_from(["pay", "pay", "pay", "pay", "draw", "mark", "default", "step_in", "resolve"]),
        st.integers(60, 70 * DAY),
        st.integers(0, 1_200),
        st.booleans(),
    ),
    min_size=4,
    max_size=12,
)


class Life:
    """One deal on chain and in the model."""

    def __init__(self, stage, deal, model):
        self.stage, self.deal, self.model = stage, deal, model
        self.slack = DUST_A_STEP

    def check(self):
        """Values, owed, status and all AID agree."""
        self.slack += DUST_A_STEP
        t, state, model = self.stage.now, self.stage.state(self.deal), self.model
        assert state.status == model.status.value
        assert abs(state.gross - model.gross(t)) <= self.slack
        assert abs(state.impairment - model.impairment(t)) <= self.slack
        assert abs(self.stage.desk.owed(self.deal) - model.owed(t)) <= self.slack
        assert (state.reserve, state.first_loss) == (model.reserve, model.first_loss)
        self.stage.check()

    def agree(self, tx, fees, done):
        """The protocol's fee and what the vault took in are the model's."""
        assert abs(self.stage.desk.fees() - fees - done.fee) <= self.slack
        collected = sum(log.amount for log in tx.events if log.event_name == "Collected")
        assert abs(collected - done.to_funder) <= self.slack

    def play(self, action, wait, size, to_share):
        """One event, if the deal's state allows it."""
        stage, deal, model, people = self.stage, self.deal, self.model, self.stage.people
        if model.status is Status.CLOSED:
            return
        stage.at(stage.now + wait)
        now, fees = stage.now + wait, stage.desk.fees()
        now = ape.chain.pending_timestamp
        both = model.debt is not None and model.share is not None
        if action == "pay" and model.status is not Status.LIQUIDATING:
            amount = max(model.owed(now) * size // 1_000, 1)
            tx = stage.desk.pay_aid(deal, amount, to_share and both, sender=people.alice)
            self.agree(tx, fees, model.pay(stage.now, amount, to_share and both))
        elif action == "draw" and model.status is not Status.LIQUIDATING:
            due = model.arrears(now)
            if not model.reserve or due == 0 or (model.terms.principal and model.debt is None):
                return
            tx = stage.desk.draw_reserve(deal, sender=people.mallory)
            self.agree(tx, fees, model.draw(stage.now))
        elif action == "mark":
            floor = max(leg.floor_bps for leg in model.legs())
            if size * 8 <= floor:
                return
            stage.workout.mark(deal, size * 8, sender=people.carol)
            model.mark(stage.now, size * 8)
        elif action == "default" and model.status is Status.PERFORMING and model.is_late(now):
            stage.desk.declare_default(deal, sender=people.mallory)
            model.status = Status.DEFAULTED
        elif action == "step_in" and model.status is Status.DEFAULTED:
            if model.gross(now) - model.impairment(now) < 2_000 * WAD + model.reserve:
                return
            tx = stage.workout.step_in(deal, 12, 20, sender=people.carol)
            self.agree(tx, fees, model.step_in(stage.now, 12, 20))
        elif action == "resolve" and model.status is Status.DEFAULTED:
            stage.workout.liquidate(deal, sender=people.carol)
            model.status = Status.LIQUIDATING
            self.check()
            brought = model.owed(stage.now) * size // 1_000
            aid = stage.protocol.aid
            aid.transfer(stage.counterparty, brought, sender=people.alice)
            fees = stage.desk.fees()
            tx = stage.counterparty.resolve(stage.desk, deal, aid, brought, sender=people.alice)
            done = model.resolve(stage.now, brought)
            self.agree(tx, fees, done)
            lost = sum(log.loss for log in tx.events if log.event_name == "LossRealised")
            assert abs(lost - done.loss) <= self.slack
        else:
            return
        self.check()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_life__of_any_deal__is_what_the_model_says_after_every_step(stage, data):
    with isolated():
        agreed = data.draw(terms())
        cost = agreed.principal + agreed.share_cost
        reserve = cost * data.draw(st.sampled_from([0, 0, 3, 20])) // 100
        first_loss = cost * data.draw(st.sampled_from([0, 0, 5, 30])) // 100
        deal = stage.approved(agreed, reserve=reserve, first_loss=first_loss, worth=8 * MILLION)
        stage.at(stage.now + data.draw(st.integers(10, 5 * DAY)))
        stage.desk.fund(deal, sender=stage.people.carol)
        life = Life(stage, deal, twin(stage, deal, agreed, reserve=reserve, first_loss=first_loss))
        life.check()
        for step in data.draw(steps):
            life.play(*step)
