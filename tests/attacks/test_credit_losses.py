"""Attacks C7, C8 and C11 of the catalogue: sales of collateral, who bears a loss, deals side by side."""

from dataclasses import replace

import pytest

from integrations.credit_model import Terms
from integrations.credit_model.terms import table
from integrations.protocol.roles import Role
from tests.conftest import DAY, WAD
from tests.model.vesting import Stream
from tests.support.credit_world import USDC
from tests.support.deal_terms import BULLET, FOREVER, LOAN, MILLION, SHARE

RESERVE, FIRST_LOSS = 50_000 * WAD, 100_000 * WAD
WORTH = 2 * MILLION
VESTING = 7 * DAY
WINDOW = 3 * DAY  # of the committee, after a round


@pytest.fixture
def sale(credit):
    """Deal 1: a million, 50,000 of reserve, 100,000 of first loss; for sale since day 20 of its default."""
    deal = credit.funded(LOAN, reserve=RESERVE, first_loss=FIRST_LOSS)
    t = credit.stop(deal) + 20 * DAY
    credit.default(deal, t)
    return credit.liquidate(deal, WORTH, t)


def totals(credit, t=None):
    """Idle, gross and impaired value, unvested profit, insurance."""
    summary = credit.summary(t)
    gross = summary.deposit_assets - summary.idle
    return (
        summary.idle,
        gross,
        summary.deposit_assets - summary.exit_assets - summary.unvested - summary.releasing,
        summary.unvested,
        credit.insurance(),
    )


def conserved(credit):
    """The desk has what it owes, to the wei, and AID is covered."""
    deals = range(1, credit.view(credit.deals.count()) + 1)
    held = sum(state.reserve + state.first_loss for state in map(credit.state, deals))
    claims = credit.claimable("bob")
    assert credit.balance("desk") == held + credit.fees() + claims
    summary = credit.summary()
    assert credit.balance("vault") == summary.idle + summary.claimable
    backing = credit.view(credit.gateway.backing())
    assert backing.backing_par >= credit.view(credit.aid.totalSupply())


# C7: sales


def test_c7__nobody_bids__costs_all_that_reserve_and_first_loss_leave(credit, sale):
    end = sale.ends_at + WINDOW
    assert credit.refusal("mallory", credit.house.expire(1), end - 1) == "auction not over"
    credit.go(end - 1)
    idle = credit.summary().idle
    carried = credit.models[1].gross(end)
    credit.send("mallory", credit.house.expire(1), end)
    outcome = credit.models[1].resolve(end, 0)
    assert outcome.to_funder == RESERVE + FIRST_LOSS
    assert abs(outcome.loss - (carried - RESERVE - FIRST_LOSS)) < 1
    summary = credit.summary()
    assert summary.idle == idle + RESERVE + FIRST_LOSS
    assert summary.exit_assets == summary.deposit_assets == summary.idle
    assert abs(credit.state(1).shortfall - outcome.loss) <= 2
    assert credit.claimable() == 0
    conserved(credit)


def test_c7__aid_paused_over_the_rounds_end__leaves_the_committee_time_to_sell_again(credit, sale):
    paused = sale.ends_at - DAY
    credit.send("guardian", credit.aid.pause(), paused)
    resumed = paused + 14 * DAY
    bid = credit.house.bid(1, credit.aid.address, FOREVER)
    assert credit.refusal("alice", bid, sale.ends_at - 1) == "paused"
    assert credit.refusal("mallory", credit.house.expire(1), sale.ends_at + WINDOW) == "auction not over"
    over = resumed + DAY
    assert credit.refusal("mallory", credit.house.expire(1), over + WINDOW - 1) == "auction not over"
    again = credit.house.restart(1, sale.start, sale.lowest)
    assert credit.refusal("carol", again, over - 1) == "auction not over"
    assert credit.refusal("carol", again, over + WINDOW - 1) == ""
    credit.go(over + WINDOW)
    assert credit.refusal("mallory", credit.house.expire(1), over + WINDOW) == ""


def test_c7__bid_of_next_to_nothing__recovers_just_that(credit):
    credit.send("governor", credit.house.set_terms((10_000, 1, 60, 1_440)))
    deal = credit.funded(LOAN, reserve=RESERVE, first_loss=FIRST_LOSS)
    t = credit.stop(deal) + 20 * DAY
    credit.default(deal, t)
    credit.liquidate(deal, WORTH, t)
    t += DAY - 1
    price = credit.view(credit.house.price(deal), t)
    assert price == WORTH // 10_000
    idle = credit.summary(t).idle
    credit.send("mallory", credit.house.bid(deal, credit.aid.address, price), t)
    outcome = credit.models[deal].resolve(t, price)
    assert credit.summary().idle == idle + price + RESERVE + FIRST_LOSS
    assert outcome.to_funder == price + RESERVE + FIRST_LOSS
    assert abs(credit.state(deal).shortfall - outcome.loss) <= 2
    conserved(credit)


def test_c7__first_price__pays_the_debt_and_gives_the_rest_to_the_borrower(credit, sale):
    fees = credit.fees()
    idle = credit.summary().idle
    owed = credit.models[1].owed(sale.started_at)
    carried = credit.models[1].gross(sale.started_at)
    _, price, outcome = credit.bid(1, sale, 3 * MILLION)
    assert price == WORTH * 13 // 10
    assert outcome.loss == 0
    # 15 % of what is above carrying value, late interest, are the protocol's
    assert outcome.fee == -(-(owed - int(carried)) * 15 // 100)
    assert abs(credit.fees() - fees - outcome.fee) <= 2
    assert abs(credit.summary().idle - idle - (owed - outcome.fee)) <= 2
    assert abs(credit.claimable() - (price + RESERVE + FIRST_LOSS - owed)) <= 2
    conserved(credit)


def test_c7__sniped_in_the_same_block__pays_once_and_the_loser_nothing(credit, sale):
    t = sale.started_at + 5 * sale.terms.step
    price = sale.price(t)
    before = {who: credit.balance(who) for who in ("mallory", "dave")}
    # the price falls by steps: waiting for the next one loses to whoever takes this one
    too_little = credit.house.bid(1, credit.aid.address, price - 1)
    assert credit.refusal("dave", too_little, t) == "max in"
    credit.send("mallory", credit.house.bid(1, credit.aid.address, price), t)
    assert credit.attempt("dave", credit.house.bid(1, credit.aid.address, price), t) == "no auction"
    assert credit.balance("mallory") == before["mallory"] - price
    assert credit.balance("dave") == before["dave"]
    assert credit.view(credit.receipts.ownerOf(1)) == credit.addresses["mallory"].lower()
    conserved(credit)


def test_c7__bid_held_back_until_the_price_is_lower__misses_its_deadline(credit, sale):
    t = sale.started_at + 100
    late = credit.house.bid(1, credit.aid.address, sale.start, t)
    assert credit.refusal("mallory", late, t + 1) == "deadline passed"


def test_c7__running_sale__cannot_be_cancelled_restarted_repeated_or_paid_out_of(credit, sale):
    t = sale.started_at + DAY
    for who, call, reason in (
        ("carol", credit.workout.liquidate(1), "not in default"),
        ("carol", credit.workout.step_in(1, 10, 30), "not in default"),
        ("carol", credit.house.restart(1, sale.start, 1), "auction not over"),
        ("carol", credit.house.offer_again(1), "nothing unsold"),
        ("carol", credit.deals.cancel(1), "not proposed"),
        ("bob", credit.desk.pay_aid(1, MILLION), "in liquidation"),
        ("mallory", credit.desk.draw_reserve(1), "in liquidation"),
        ("mallory", credit.desk.declare_default(1), "in liquidation"),
        ("mallory", credit.desk.resolve(1, credit.aid.address, 1), "not auction"),
        ("mallory", credit.house.start(1, 1, 1), "not desk"),
        ("mallory", credit.house.expire(1), "auction not over"),
    ):
        assert credit.refusal(who, call, t) == reason
    assert credit.view(credit.house.price(1), t) == sale.price(t)


def test_c7__restart__starts_within_the_last_prices_and_at_most_three_times(credit, sale):
    end = sale.ends_at
    assert credit.refusal("mallory", credit.house.bid(1, credit.aid.address, FOREVER), end) == "auction over"
    assert credit.refusal("carol", credit.house.restart(1, sale.lowest - 1, 1), end) == "price out of bounds"
    for _ in range(3):
        credit.send("carol", credit.house.restart(1, sale.lowest, sale.lowest), end)
        end += sale.terms.duration
    assert credit.refusal("carol", credit.house.restart(1, sale.lowest, 1), end) == "rounds used up"


@pytest.fixture
def hostile(credit, project):
    """A coin that calls back when it moves, which the Gateway takes; mallory has ten million."""
    coin = credit.deploy("hostile", project.HostileToken, 6)
    feed = credit.deploy("hostile_feed", project.PriceFeed, 8, 10**8)
    terms = {
        "feed": feed.address,
        "max_age": 25 * 3_600,
        "mint_fee_bps": 5,
        "redeem_fee_bps": 5,
        "deviation_bps": 10,
        "band_bps": 100,
        "cap": 10**9,
        "mint_capacity": 5 * 10**7,
        "redeem_capacity": 5 * 10**7,
    }
    (_, shape) = credit.configurator.parameters("add_asset")
    listed = tuple(terms[part["name"]] for part in shape["components"])
    credit.send("governor", credit.configurator.add_asset(coin.address, listed))
    credit.send("mallory", coin.mint(credit.addresses["mallory"], 10**7 * USDC))
    for spender in ("house", "desk"):
        credit.send("mallory", coin.approve(credit.addresses[spender], FOREVER))
    return coin


@pytest.mark.parametrize("entry", ["bid", "resolve", "pay", "fund", "step_in", "deposit", "expire"])
def test_c7__coin_that_calls_back_in_a_bid__finds_every_door_shut_or_changes_nothing(
    credit, sale, hostile, entry
):
    """The call-back does what its entry allows; the sale ends as it would have without."""
    other = credit.approved(BULLET)
    credit.send("governor", credit.roles.grantRole(Role.CREDIT.value, hostile.address))
    t = credit.now + 10
    price = sale.price(t)
    target, call = {
        "bid": ("house", credit.house.bid(1, credit.aid.address, FOREVER)),
        "resolve": ("desk", credit.desk.resolve(1, credit.aid.address, 0)),
        "pay": ("desk", credit.desk.pay(1, hostile.address, 1)),
        "fund": ("desk", credit.desk.fund(other)),
        "step_in": ("workout", credit.workout.step_in(1, 10, 30)),
        "deposit": ("vault", credit.vault.deposit(WAD, hostile.address)),
        "expire": ("house", credit.house.expire(1)),
    }[entry]
    payload = bytes.fromhex(call.data[2:])
    credit.send("mallory", hostile.arm(credit.addresses[target], payload, False), t)
    idle = credit.summary(t).idle
    units = credit.view(credit.house.quote(1, hostile.address), t)
    assert units == -(-price // 10**12)
    credit.send("mallory", credit.house.bid(1, hostile.address, units), t)
    outcome = credit.models[1].resolve(t, units * 10**12)
    assert credit.view(hostile.call_count()) == 1
    # the desk is not busy yet when the coin leaves the bidder: it funds what it would have funded anyway
    assert credit.view(hostile.last_call_ok()) is (entry == "fund")
    lent = BULLET.principal if entry == "fund" else 0
    assert abs(credit.summary().idle - idle - outcome.to_funder + lent) <= 2
    assert credit.view(credit.receipts.ownerOf(1)) == credit.addresses["mallory"].lower()
    assert abs(credit.claimable() - outcome.to_borrower) <= 2


@pytest.mark.parametrize("entry", ["pay", "pay_aid", "draw_reserve", "close", "claim", "bid"])
def test_c7__coin_that_calls_back_in_a_payment__pays_once(credit, hostile, entry):
    deal = credit.funded(LOAN, reserve=RESERVE)
    amount = 100_000
    call = {
        "pay": credit.desk.pay(deal, hostile.address, 1),
        "pay_aid": credit.desk.pay_aid(deal, 1),
        "draw_reserve": credit.desk.draw_reserve(deal),
        "close": credit.desk.close(deal),
        "claim": credit.desk.claim(hostile.address),
        "bid": credit.house.bid(deal, credit.aid.address, FOREVER),
    }[entry]
    t = credit.midnight(10)
    credit.publish(t)
    credit.send("mallory", hostile.arm(call.to, bytes.fromhex(call.data[2:]), False), t)
    credit.send("mallory", credit.desk.pay(deal, hostile.address, amount * USDC), t)
    assert credit.view(hostile.call_count()) == 1
    assert not credit.view(hostile.last_call_ok())
    credit.models[deal].pay(t, amount * WAD)
    credit.check(deal, t)
    conserved(credit)


# C8: the waterfall


@pytest.mark.parametrize(("price", "bearers"), [(820_000, 1), (780_000, 2), (600_000, 3)])
def test_c8__loss__is_borne_by_reserve_first_loss_unvested_insurance_and_nav_in_this_order(
    credit, sale, price, bearers
):
    """Of 1,014,000: 50,000 of reserve, 100,000 of first loss, 31,000 unvested, 60,000 insured."""
    share = credit.funded(replace(SHARE, share_cost=300_000 * WAD), borrower="dave")
    credit.send("alice", credit.insurance_fund.contribute(60_000 * WAD))
    steps = range(sale.started_at, sale.ends_at, sale.terms.step)
    t = next(t for t in steps if sale.price(t) <= price * WAD)
    income = credit.pay(share, 50_000 * WAD, who="dave", at=t - 2 * DAY)
    stream = Stream()
    stream.top_up(t - 2 * DAY, income.gain, VESTING)
    credit.go(t - 1)
    before = totals(credit, t)
    assert before[3] == stream.left(t)
    exits = credit.summary(t).exit_assets
    carried, impaired = credit.models[1].gross(t), credit.models[1].impairment(t)

    _, brought, outcome = credit.bid(1, sale, price * WAD)
    loss = int(carried) - brought - RESERVE - FIRST_LOSS
    assert abs(outcome.loss - loss) <= 1
    assert abs(outcome.gain - max(0, impaired - loss)) <= 2
    stream.top_up(t, outcome.gain, VESTING)
    from_vesting = stream.absorb(t, outcome.loss)
    from_insurance = min(60_000 * WAD, outcome.loss - from_vesting)
    from_nav = outcome.loss - from_vesting - from_insurance
    assert [part > 0 for part in (from_vesting, from_insurance, from_nav)].count(True) == bearers

    idle, gross, impairment, unvested, insured = totals(credit)
    assert abs(idle - before[0] - outcome.to_funder - from_insurance) <= 2
    assert abs(before[1] - gross - carried) <= 2
    assert abs(before[2] - impairment - impaired) <= 2
    assert abs(unvested - stream.left(t)) <= 2
    assert insured == 60_000 * WAD - from_insurance
    # the impairment was in the price: it gets that back, but for what holders bear in the end and what vests
    assert abs(credit.summary().exit_assets - exits - (impaired - from_nav - outcome.gain)) <= 4
    conserved(credit)


def test_c8__recovery_above_what_was_impaired__vests_and_is_no_jump(credit, sale):
    t = sale.started_at + 100 * sale.terms.step
    before = credit.summary(t)
    credit.go(t - 1)
    carried = credit.models[1].gross(t)
    net = carried - credit.models[1].impairment(t)
    _, brought, outcome = credit.bid(1, sale, sale.price(t))
    assert outcome.loss == 0
    assert brought > carried
    assert outcome.gain == pytest.approx(float(outcome.to_funder - net), abs=2)
    after = credit.summary()
    # an exit is worth what it was: the book's net value became idle, the rest vests
    assert abs(after.exit_assets - before.exit_assets) <= 2
    assert abs(after.unvested - outcome.gain) <= 2


def test_c8__money_that_comes_after_the_end__makes_good_the_loss_and_the_rest_is_the_borrowers(credit, sale):
    end = sale.ends_at + WINDOW
    credit.send("mallory", credit.house.expire(1), end)
    outcome = credit.models[1].resolve(end, 0)
    shortfall = credit.state(1).shortfall
    assert abs(shortfall - outcome.loss) <= 2
    units = shortfall // 10**12 + 1_000 * USDC
    credit.send("bob", credit.desk.pay(1, credit.usdc.address, units), end + DAY)
    assert credit.claimable() == units * 10**12 - shortfall
    assert credit.state(1).shortfall == 0
    assert abs(credit.summary().unvested - shortfall) <= 1
    assert credit.attempt("bob", credit.desk.pay_aid(1, WAD)) == "deal closed"


# C11: one deal never pays for another


@pytest.fixture
def neighbours(credit):
    """Deal 1 is lost with little reserve; 2, the same borrower's, is late with plenty; 3 performs."""
    t = credit.now + 60
    credit.funded(LOAN, at=t, reserve=20_000 * WAD, first_loss=10_000 * WAD)
    credit.funded(BULLET, at=t, reserve=300_000 * WAD, first_loss=400_000 * WAD)
    credit.funded(SHARE, at=t, reserve=100_000 * WAD, first_loss=200_000 * WAD, borrower="dave")
    return credit


def test_c11__deal_that_loses_everything__takes_nothing_of_its_neighbours(neighbours):
    credit = neighbours
    t = credit.stop(1) + 95 * DAY
    credit.default(1, t)
    sale = credit.liquidate(1, WORTH, t)
    end = sale.ends_at + WINDOW
    credit.go(end - 1)
    idle = credit.summary().idle
    credit.send("mallory", credit.house.expire(1), end)
    outcome = credit.models[1].resolve(end, 0)
    assert outcome.to_funder == 30_000 * WAD == credit.summary().idle - idle
    for deal, reserve, first_loss in ((2, 300_000, 400_000), (3, 100_000, 200_000)):
        state = credit.state(deal)
        assert (state.reserve, state.first_loss) == (reserve * WAD, first_loss * WAD)
        credit.check(deal, end)
    assert credit.balance("desk") == credit.fees() + MILLION
    assert [credit.view(credit.receipts.is_locked(n)) for n in (1, 2, 3)] == [False, True, True]


def test_c11__overpayment_of_one__covers_no_instalment_of_another_of_the_same_borrower(neighbours):
    credit = neighbours
    t = credit.midnight(20)
    credit.publish(t)
    credit.send("bob", credit.desk.pay(1, credit.usdc.address, 3 * 10**6 * USDC), t)
    assert credit.claimable() > MILLION
    t = credit.stop(2)
    assert credit.view(credit.desk.owed(2), t) > credit.models[2].reserve
    credit.default(2, t)
    credit.check(2, t)
    assert credit.claimable() > MILLION


def test_c11__reserve__is_drawn_for_its_own_deal_only(neighbours):
    credit = neighbours
    t = credit.stop(1) + DAY
    credit.send("mallory", credit.desk.draw_reserve(1), t)
    credit.models[1].draw(t)
    assert credit.models[1].reserve == 0
    for deal in (1, 2, 3):
        credit.check(deal, t)
    assert credit.refusal("mallory", credit.desk.draw_reserve(1), t) == "nothing to draw"


def test_c11__reserve_of_a_hybrid_whose_debt_is_paid_off_early__is_not_its_shares(credit):
    """Who prepays pays less interest, so the cash is less than the schedule's: that is no arrears."""
    terms = Terms(
        principal=MILLION,
        rate_bps=3_000,
        instalments=36,
        interval=30,
        amortising=True,
        share_cost=300_000 * WAD,
        share_minimum=10_000 * WAD,
        share_instalments=36,
        share_interval=30,
    )
    deal = credit.funded(terms, reserve=200_000 * WAD)
    t = credit.midnight(3)
    paid = credit.pay(deal, credit.models[deal].owed_on_debt(t) + 2, at=t).used
    assert table(terms)[34].due > paid + 200_000 * WAD
    credit.pay(deal, 350_000 * WAD, at=t, to_share=True)
    overdue = (credit.models[deal].start + 35 * 30 + terms.grace) * DAY
    assert credit.refusal("mallory", credit.desk.draw_reserve(deal), overdue) == "nothing to draw"
    assert credit.state(deal).reserve == 200_000 * WAD


def test_c11__payment_that_waited_while_a_partner_stepped_in__is_the_shares_and_not_the_borrowers(credit):
    deal = credit.funded(LOAN)
    t = credit.stop(deal) + 30 * DAY
    credit.default(deal, t)
    credit.publish(t, 98 * 10**6)  # out of the Gateway's band
    credit.send("bob", credit.desk.pay(deal, credit.usdc.address, 10_000 * USDC), t)
    assert credit.state(deal).waiting == 9_800 * WAD
    credit.send("carol", credit.workout.step_in(deal, 12, 30), t)
    credit.publish(t + 60)
    idle, fees = credit.summary(t + 60).idle, credit.fees()
    credit.send("mallory", credit.desk.settle_escrow(1), t + 60)
    assert credit.claimable() == 0
    assert credit.state(deal).received == 10_000 * WAD
    assert credit.summary().idle - idle + credit.fees() - fees == 10_000 * WAD
    # the step-in has cost 250,000 and more: receipts earn no fee but the management's, of a minute
    assert credit.fees() - fees < WAD


def test_c11__value_of_the_book__is_the_sum_of_its_deals_whatever_happens_to_one(neighbours):
    credit = neighbours
    t = credit.stop(1) + 50 * DAY + 7
    credit.default(1, t)
    credit.send("carol", credit.workout.step_in(1, 12, 30), t)
    credit.models[1].step_in(t, 12, 30)
    for days in (0, 10, 100, 400):
        second = t + days * DAY
        gross, impairment = credit.view(credit.desk.value_at(second), second)
        assert abs(gross - sum(model.gross(second) for model in credit.models.values())) <= 6
        want = sum(min(model.impairment(second), model.gross(second)) for model in credit.models.values())
        assert abs(impairment - want) <= 6
        for deal in (1, 2, 3):
            credit.check(deal, second, slack=6)
