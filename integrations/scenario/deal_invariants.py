"""What must hold of deals: the contracts' book against `credit_model`, deal by deal and event by event."""

from __future__ import annotations

from collections.abc import Iterator

from .invariants import Moment, aid_text, invariant, unexplained

CASH_FLOWS = {"deposited": 1, "claimed": -1, "harvested": 1, "insured": 1} | {
    "from the vault": -1,
    "to the vault": 1,
}
"""How each flow changes the AID of staked AID and its insurance. Nothing else does."""


def _has_deals(moment: Moment) -> bool:
    return moment.deals is not None


def _asked(moment: Moment) -> bool:
    return moment.deals is not None and moment.desk is not None


def _lost(moment: Moment) -> bool:
    done = moment.event is not None and moment.event.lowers_nav and moment.result == "done"
    return done and moment.deals is not None and bool(moment.deals.losses)


@invariant("the book is the sum of its deals, each reckoned by itself", _has_deals, "deals")
def _book_adds_up(moment: Moment) -> str | None:
    assert moment.deals is not None
    staking = moment.now.staking
    gross, impairment = moment.deals.value(moment.now.time)
    gaps = (staking.gross - gross, staking.impairment - impairment)
    if max(map(abs, gaps)) <= moment.deals.tolerance:
        return None
    return f"off by {aid_text(gaps[0])} gross, {aid_text(gaps[1])} of impairment"


@invariant("every deal is what its terms and payments make it", _asked, "deals")
def _deals_as_modelled(moment: Moment) -> str | None:
    assert moment.deals is not None
    assert moment.desk is not None
    for name, entry in moment.deals.entries.items():
        allowed = 1 + entry.touched
        for what, gap in _gaps(moment, name):
            if abs(gap) > allowed:
                return f"{name}: {what} off by {aid_text(gap)}"
    return None


def _gaps(moment: Moment, name: str) -> Iterator[tuple[str, int]]:
    """Yield what the desk says of a deal less what the model says."""
    assert moment.deals is not None
    assert moment.desk is not None
    state, model = moment.desk.deals[name], moment.deals.entries[name].model
    yield "principal", state.principal - model.debt.principal
    yield "gross value", state.gross - int(model.gross(moment.now.time))
    yield "impairment", state.impairment - int(model.impairment(moment.now.time))
    yield "reserve", state.reserve - model.reserve
    yield "first loss", state.first_loss - model.first_loss
    if model.debt_leg is not None:
        yield "cash on the debt", state.paid - model.debt.paid
    if model.share_leg is not None:
        yield "receipts", state.received - model.received


@invariant(
    "the desk holds each deal's reserve and first loss, fees and claims, and nothing else", _asked, "deals"
)
def _ring_fenced(moment: Moment) -> str | None:
    assert moment.deals is not None
    assert moment.desk is not None
    desk = moment.desk
    held = sum(deal.reserve + deal.first_loss for deal in desk.deals.values())
    gap = desk.aid - held - desk.fees - desk.claimable
    if gap:
        return f"{aid_text(abs(gap))} {'without an owner' if gap > 0 else 'missing'}"
    borrowers = {entry.terms.borrower for entry in moment.deals.entries.values()}
    gaps = (
        desk.fees - moment.deals.fees,
        desk.claimable - sum(moment.deals.claimable(who) for who in borrowers),
    )
    over = max(map(abs, gaps)) > moment.deals.tolerance
    return f"fees off by {aid_text(gaps[0])}, claims by {aid_text(gaps[1])}" if over else None


@invariant("staked AID and insurance change by what comes in and goes out", _has_deals, "deals")
def _cash_explained(moment: Moment) -> str | None:
    if moment.last is None:
        return None
    after, before = (
        one.staking.idle + one.staking.claimable + one.insurance for one in (moment.now, moment.last)
    )
    assert moment.deals is not None
    return unexplained(after - before, CASH_FLOWS, moment, moment.deals.tolerance)


@invariant("what a deal has lost was borne, to the wei", _lost, "deals")
def _loss_conserved(moment: Moment) -> str | None:
    assert moment.deals is not None
    loss = moment.deals.losses[-1]
    over = abs(loss.missing) > moment.deals.tolerance
    return f"{loss.deal}: {aid_text(abs(loss.missing))} unaccounted for" if over else None


@invariant(
    "losses fall on reserve, first loss, unvested profit, insurance and NAV, in this order", _lost, "deals"
)
def _loss_in_order(moment: Moment) -> str | None:
    assert moment.deals is not None
    assert moment.last is not None
    loss, model = moment.deals.losses[-1], moment.deals.entries[moment.deals.losses[-1].deal].model
    if loss.unvested + loss.insurance + loss.nav and loss.how == "auction":
        left = model.reserve + model.first_loss
        if left:
            return f"{aid_text(left)} of {loss.deal}'s own cover was spared"
    if loss.insurance + loss.nav and moment.now.staking.unvested:
        return f"{aid_text(moment.now.staking.unvested)} of unvested profit was spared"
    if loss.nav and moment.now.insurance:
        return f"{aid_text(moment.now.insurance)} of insurance was spared"
    gap = moment.last.insurance - moment.now.insurance - loss.insurance
    return f"insurance off by {aid_text(gap)}" if gap else None
