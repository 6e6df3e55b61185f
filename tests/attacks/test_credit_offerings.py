"""Attack C10 of the catalogue: races for a sale, a missed minimum, and who is paid; with the real desk."""

from fractions import Fraction

import pytest

from integrations.credit_model import Deal
from tests.conftest import DAY, WAD
from tests.support.deal_terms import FOREVER, LOAN, MILLION

EXTENSION = 14 * DAY
MINIMUM = 600_000 * WAD
BUYERS = ("alice", "bob", "carol")
#: What a payment cannot divide among a million AID of participations waits for the next one: 2^-64 of each.
DUST = MILLION // 2**64 + 2


@pytest.fixture
def reserve():
    """Of the deal, which has no first loss."""
    return 50_000 * WAD


@pytest.fixture
def sale(credit, project, reserve):
    """An offering sells deal 1: a million, at least 600,000 within 20 days. Each buyer has two million."""
    credit.proposed(LOAN, reserve=reserve)
    names = ("roles", "allowlist", "aid", "deals", "desk")
    deadline = credit.now + 20 * DAY
    args = (*(credit.addresses[name] for name in names), 1, MINIMUM, deadline)
    offering = credit.deploy("offering", project.Offering, *args)
    credit.approve(1, "offering")
    credit.send("alice", credit.aid.transfer(credit.addresses["carol"], 2 * MILLION))
    for who in BUYERS:
        credit.send(who, credit.aid.approve(offering.address, FOREVER))
    return credit


@pytest.fixture
def sold(sale, reserve):
    """alice has 600,000, bob 300,000 and carol 100,000 of the deal, which is funded."""
    for who, amount in (("alice", 600_000), ("bob", 300_000), ("carol", 100_000)):
        sale.send(who, sale.offering.buy(amount * WAD, amount * WAD))
    t = sale.send("mallory", sale.offering.close())
    sale.models[1] = Deal(LOAN, t, reserve)
    return sale


def part(credit, who):
    return int(credit.view(credit.offering.claimable(credit.addresses[who])))


def test_c10__race_for_the_last_of_it__gives_the_loser_what_is_left_or_nothing_at_all(sale):
    credit = sale
    credit.send("alice", credit.offering.buy(900_000 * WAD, 0))
    before = {who: credit.balance(who) for who in BUYERS}
    # bob asked for 200,000 in the same block, and takes no less than 150,000; carol takes what there is
    assert credit.attempt("bob", credit.offering.buy(200_000 * WAD, 150_000 * WAD)) == "sold out"
    credit.send("carol", credit.offering.buy(200_000 * WAD, 1))
    assert credit.balance("carol") == before["carol"] - 100_000 * WAD
    assert credit.balance("bob") == before["bob"]
    assert credit.balance("offering") == MILLION == credit.view(credit.offering.totalSupply())
    assert credit.attempt("bob", credit.offering.buy(1, 0)) == "not selling"


def test_c10__minimum_missed_by_a_wei__refunds_everybody_in_full_whoever_holds_it(sale):
    credit = sale
    credit.send("alice", credit.offering.buy(400_000 * WAD, 0))
    credit.send("bob", credit.offering.buy(MINIMUM - 400_000 * WAD - 1, 0))
    credit.send("alice", credit.offering.transfer(credit.addresses["mallory"], 100_000 * WAD))
    deadline = credit.view(credit.offering.DEADLINE())
    end = deadline + 1
    assert credit.refusal("alice", credit.offering.refund(), deadline) == "not failed"
    assert credit.refusal("carol", credit.offering.buy(1, 0), end) == "not selling"
    assert credit.refusal("mallory", credit.offering.close(), end) == "not sold"
    due = {"mallory": 100_000 * WAD, "alice": 300_000 * WAD, "bob": MINIMUM - 400_000 * WAD - 1}
    for who, amount in due.items():
        before = credit.balance(who)
        credit.send(who, credit.offering.refund(), max(end, credit.now))
        assert credit.balance(who) == before + amount
        assert credit.attempt(who, credit.offering.refund()) == "nothing to refund"
    assert credit.balance("offering") == 0


def test_c10__sold_but_not_fundable__is_refunded_after_the_extension(sale):
    credit = sale
    credit.send("alice", credit.offering.buy(MILLION, MILLION))
    t = credit.view(credit.offering.DEADLINE()) + EXTENSION
    credit.go(t)  # the facts have become stale
    assert credit.refusal("mallory", credit.offering.close(), t) == "appraisal stale"
    assert credit.refusal("alice", credit.offering.refund(), t) == "not failed"
    before = credit.balance("alice")
    credit.send("alice", credit.offering.refund(), t + 1)
    assert credit.balance("alice") == before + MILLION


def test_c10__vault_cannot_fund_an_offered_deal_nor_an_offering_the_vaults(sale):
    credit = sale
    assert credit.refusal("carol", credit.desk.fund(1)) == "other funder"
    vaults = credit.approved(LOAN)
    for who in ("mallory", "carol"):
        assert credit.refusal(who, credit.desk.fund_offering(vaults)) == "other funder"
        assert credit.refusal(who, credit.desk.fund_offering(1)) == "other funder"


def test_c10__participation_sold_on__has_what_is_paid_afterwards_and_the_seller_what_was_before(sold):
    credit = sold
    t = credit.midnight(20)
    first = credit.pay(1, 100_000 * WAD, at=t)
    assert abs(part(credit, "bob") - first.to_funder * 3 // 10) <= DUST
    credit.send("bob", credit.offering.transfer(credit.addresses["mallory"], 300_000 * WAD))
    assert abs(part(credit, "bob") - first.to_funder * 3 // 10) <= DUST
    assert part(credit, "mallory") == 0
    second = credit.pay(1, 100_000 * WAD, at=t + 30 * DAY)
    assert abs(part(credit, "bob") - first.to_funder * 3 // 10) <= DUST
    assert abs(part(credit, "mallory") - second.to_funder * 3 // 10) <= DUST
    before = credit.balance("bob")
    credit.send("bob", credit.offering.claim())
    assert abs(credit.balance("bob") - before - first.to_funder * 3 // 10) <= DUST
    assert credit.attempt("bob", credit.offering.claim()) == "nothing to claim"


def test_c10__buying_just_before_a_payment__needs_a_seller_and_moves_no_money_of_others(sold):
    credit = sold
    t = credit.midnight(25)
    credit.publish(t)
    credit.send("carol", credit.offering.transfer(credit.addresses["mallory"], 100_000 * WAD), t)
    outcome = credit.pay(1, 200_000 * WAD, at=t)
    credit.send("mallory", credit.offering.transfer(credit.addresses["carol"], 100_000 * WAD), t)
    assert abs(part(credit, "mallory") - outcome.to_funder // 10) <= DUST
    assert abs(part(credit, "alice") - outcome.to_funder * 6 // 10) <= DUST
    assert part(credit, "carol") == 0


def test_c10__many_holders_of_odd_parts__share_odd_payments_to_the_wei(sold):
    credit = sold
    crowd = [f"holder {n}" for n in range(12)]
    for n, who in enumerate(crowd):
        credit.addresses[who] = f"0x{n + 0xABCDEF:040x}"
        credit.send("alice", credit.offering.transfer(credit.addresses[who], 7**n + 10**n))
    received = 0
    for n in range(4):
        received += credit.pay(1, 33_333 * WAD + 7 * n + 1, at=credit.midnight(9)).to_funder
    assert abs(credit.view(credit.offering.received()) - received) <= 8
    got = {who: part(credit, who) for who in (*BUYERS, *crowd)}
    for n, who in enumerate(crowd):
        due = Fraction((7**n + 10**n) * received, MILLION)
        assert due - 2 <= got[who] <= due + 2
    assert received - len(got) - 8 - DUST <= sum(got.values()) <= credit.balance("offering")


@pytest.mark.parametrize("reserve", [50_000 * WAD, 0])
def test_c10__loss_of_an_offered_deal__is_its_holders_and_touches_neither_vault_nor_insurance(sold, reserve):
    credit = sold
    credit.send("alice", credit.insurance_fund.contribute(10_000 * WAD))
    before = credit.summary()
    t = credit.stop(1) + 20 * DAY
    assert credit.view(credit.desk.value_at(t), t) == (0, 0)
    credit.default(1, t)
    sale = credit.liquidate(1, 2 * MILLION, t)
    end = sale.ends_at + 3 * DAY
    credit.send("mallory", credit.house.expire(1), end)
    after = credit.summary()
    assert (after.idle, after.exit_assets) == (before.idle, before.exit_assets)
    assert credit.insurance() == 10_000 * WAD
    # all that there was, the reserve, is theirs
    assert abs(part(credit, "alice") - reserve * 6 // 10) <= DUST
    assert credit.attempt("alice", credit.offering.refund()) == "not failed"
