# pragma version 0.4.3
# pragma optimize gas
"""
@title Workout: what follows a default, who decides it, and from when anybody may
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice The only caller of the desk's enforcement. Its rules bind the committee:

        sale      CREDIT at any time in default; anyone from SALE_DELAY after it was declared. The days
                  start anew with each default. An announcement suspends both until its window is over,
                  once a default; a sale never asks for an appraisal.
        step-in   CREDIT announces it, waits ANNOUNCE_DELAY, and has STEP_IN_WINDOW to carry it out. CREDIT
                  can withdraw it and GUARDIAN can stop it, which releases neither collateral nor debt;
                  neither can be announced again in the same default. One a deal: what defaults after it
                  is cured or sold. It needs a fresh appraisal, see below.
        mark      CREDIT, down at once, up MARK_UP_DELAY after it was announced.

        No mark impairs more than the collateral lacks: to a carrying value of less than

            min(carrying value now, appraisal less HAIRCUT_BPS + cash reserve + first loss)

        it never leads, and without a fresh appraisal nowhere. A step-in realises either what the schedule
        of impairment says, or what such a mark may say.
@dev Dates run by AID's clock of unpaused seconds: while AID is paused nobody can pay, and no date comes
     nearer.
"""

from . import deal_terms
from ..interfaces import IAID
from ..interfaces import IDealDesk
from ..interfaces import IDeals
from ..interfaces import IRoles
from ..interfaces import IWorkoutDesk


interface Agreements:
    def terms(_deal: uint256) -> deal_terms.Terms: view


interface Attestor:
    def is_fresh(_kind: bytes32, _subject: uint256) -> bool: view
    def fresh_value(_kind: bytes32, _subject: uint256) -> uint256: view


interface Ledger:
    def deal(_deal: uint256) -> State: view
    def status(_deal: uint256) -> IDealDesk.Status: view


# As DealLedger.State; wei.
struct State:
    status: IDealDesk.Status
    ring_fenced: bool
    start: uint256
    principal: uint256
    paid: uint256
    received: uint256
    reserve: uint256
    first_loss: uint256
    waiting: uint256
    shortfall: uint256
    mark_bps: uint256
    stop: uint256
    share_stop: uint256
    gross: uint256
    impairment: uint256


# What has become of an announced step-in; none of them if there was none.
flag Stage:
    PENDING
    ENDED  # carried out, withdrawn or stopped
# A step-in that CREDIT has announced.
struct Announcement:
    default_at: uint256  # the default that it is for, as the desk counts
    from_clock: uint256  # first unpaused second in which it can be carried out
    instalments: uint256
    interval: uint256  # days
    stage: Stage


event StepInAnnounced:
    deal: indexed(uint256)
    instalments: uint256
    interval: uint256
    from_clock: uint256


event StepInWithdrawn:
    deal: indexed(uint256)
    by: indexed(address)


event MarkUpProposed:
    deal: indexed(uint256)
    bps: uint256
    from_clock: uint256


BPS: constant(uint256) = 10**4
DAY: constant(uint256) = 86_400
SALE_DELAY: public(constant(uint256)) = 14 * DAY
ANNOUNCE_DELAY: public(constant(uint256)) = 7 * DAY
STEP_IN_WINDOW: public(constant(uint256)) = 7 * DAY
MARK_UP_DELAY: public(constant(uint256)) = 3 * DAY
# of an appraisal, what a sale may bring less
HAIRCUT_BPS: public(constant(uint256)) = 2_000

CREDIT: constant(bytes32) = keccak256("CREDIT")
GUARDIAN: constant(bytes32) = keccak256("GUARDIAN")
APPRAISAL: constant(bytes32) = keccak256("APPRAISAL")
MASK_14: constant(uint256) = 2**14 - 1
MASK_10: constant(uint256) = 2**10 - 1

ROLES: public(immutable(IRoles))
AID: public(immutable(IAID))
DEALS: public(immutable(IDeals))
LEDGER: public(immutable(Ledger))
DESK: public(immutable(IWorkoutDesk))
ATTESTOR: public(immutable(Attestor))

# whether a partner has stepped into a deal, which can happen once
stepped_in: public(HashMap[uint256, bool])
_announced: HashMap[uint256, Announcement]
# bps 14 | from 40, by deal; 0 for none
_mark_ups: HashMap[uint256, uint256]


@deploy
def __init__(
    _roles: IRoles,
    _aid: IAID,
    _deals: IDeals,
    _ledger: Ledger,
    _desk: IWorkoutDesk,
    _attestor: Attestor,
):
    """
    @notice Start without announcements. GOVERNOR names this contract at the desk.
    @param _roles Where roles are held.
    @param _aid The dollar, whose pauses stop all dates.
    @param _deals What was agreed about deals.
    @param _ledger What deals owe.
    @param _desk The credit desk.
    @param _attestor Where appraisals are reported; each of the six reverts without code ("no code").
    """
    assert (
        _roles.address.is_contract
        and _aid.address.is_contract
        and _deals.address.is_contract
        and _ledger.address.is_contract
        and _desk.address.is_contract
        and _attestor.address.is_contract
    ), "no code"
    ROLES = _roles
    AID = _aid
    DEALS = _deals
    LEDGER = _ledger
    DESK = _desk
    ATTESTOR = _attestor


# The sale


@external
@nonreentrant
def liquidate(_deal: uint256):
    """
    @notice Have the collateral of a deal in default sold.
    @param _deal The deal's number.
    @custom:access CREDIT; anyone from SALE_DELAY after the default; nobody while a step-in is announced.
    @custom:reverts "not in default", "step-in pending", "not credit" before `sale_from`, and the desk's
                    reasons.
    """
    self._check_defaulted(_deal)
    default_at: uint256 = staticcall DESK.defaulted_at(_deal)
    clock: uint256 = staticcall AID.unpaused_seconds()
    assert clock >= self._suspended_until(_deal, default_at), "step-in pending"
    if clock < default_at + SALE_DELAY:
        self._check_credit()
    extcall DESK.liquidate(_deal)


# Step-ins


@external
def announce_step_in(_deal: uint256, _instalments: uint256, _interval: uint256):
    """
    @notice Announce that a hosting partner will keep the collateral of a deal in default earning, on these
            terms and no others. Suspends the sale until its window is over.
    @param _deal The deal's number.
    @param _instalments Number of minimums of the revenue share that the deal becomes, 1 to 1,095.
    @param _interval Days between them, 1 to 31; the desk asks for 7 at least, and for a term within bounds.
    @custom:access CREDIT.
    @custom:reverts "not credit", "not in default", "announced before" in the same default, "stepped in
                    before", "terms out of bounds".
    """
    self._check_credit()
    self._check_defaulted(_deal)
    assert not self.stepped_in[_deal], "stepped in before"
    assert _instalments != 0 and _instalments <= 1_095, "terms out of bounds"
    assert _interval != 0 and _interval <= 31, "terms out of bounds"
    default_at: uint256 = staticcall DESK.defaulted_at(_deal)
    before: Announcement = self._announced[_deal]
    assert before.stage == empty(Stage) or before.default_at != default_at, "announced before"

    from_clock: uint256 = staticcall AID.unpaused_seconds() + ANNOUNCE_DELAY
    self._announced[_deal] = Announcement(
        default_at=default_at,
        from_clock=from_clock,
        instalments=_instalments,
        interval=_interval,
        stage=Stage.PENDING,
    )
    log StepInAnnounced(
        deal=_deal, instalments=_instalments, interval=_interval, from_clock=from_clock
    )


@external
def withdraw_step_in(_deal: uint256):
    """
    @notice Take an announced step-in back, or stop it. The deal stays in default, with its collateral
            locked and its debt owed; another cannot be announced in this default.
    @param _deal The deal's number.
    @custom:access CREDIT, GUARDIAN.
    @custom:reverts "not credit or guardian", "nothing announced".
    """
    assert (
        staticcall ROLES.hasRole(CREDIT, msg.sender)
        or staticcall ROLES.hasRole(GUARDIAN, msg.sender)
    ), "not credit or guardian"
    assert self._announced[_deal].stage == Stage.PENDING, "nothing announced"
    self._announced[_deal].stage = Stage.ENDED
    log StepInWithdrawn(deal=_deal, by=msg.sender)


@external
@nonreentrant
def step_in(_deal: uint256):
    """
    @notice Carry out a step-in as announced.
    @param _deal The deal's number.
    @custom:access CREDIT, in STEP_IN_WINDOW from ANNOUNCE_DELAY after the announcement.
    @custom:reverts "not credit", "not in default", "nothing announced" (in this default), "too early",
                    "too late", "appraisal stale", "below appraisal" if a mark has led below both what the
                    appraisal and what the schedule of impairment allow, and the desk's reasons.
    """
    self._check_credit()
    state: State = staticcall LEDGER.deal(_deal)
    assert state.status == IDealDesk.Status.DEFAULTED, "not in default"
    announcement: Announcement = self._announced[_deal]
    assert (
        announcement.stage == Stage.PENDING
        and announcement.default_at == staticcall DESK.defaulted_at(_deal)
    ), "nothing announced"
    clock: uint256 = staticcall AID.unpaused_seconds()
    assert clock >= announcement.from_clock, "too early"
    assert clock < announcement.from_clock + STEP_IN_WINDOW, "too late"
    bound: uint256 = 0
    fresh: bool = False
    bound, fresh = self._most_impaired(_deal, state)
    assert fresh, "appraisal stale"
    bound = max(bound, self._most_ramp(_deal, state))
    assert state.impairment <= bound, "below appraisal"

    self._announced[_deal].stage = Stage.ENDED
    self.stepped_in[_deal] = True
    self._mark_ups[_deal] = 0
    extcall DESK.step_in(_deal, announcement.instalments, announcement.interval)


# Marks


@external
@nonreentrant
def mark(_deal: uint256, _bps: uint256):
    """
    @notice Mark a deal down: at least `_bps` of its gross value are impaired from now on. Takes back a
            mark-up that is announced.
    @param _deal The deal's number.
    @param _bps Above the present mark, at most 10,000.
    @custom:access CREDIT.
    @custom:reverts "not credit", "mark out of bounds", "not a markdown", "below appraisal" if the deal would be carried below
                    both its present value and the bound of a fresh appraisal, and the desk's reasons.
    """
    self._check_credit()
    state: State = staticcall LEDGER.deal(_deal)
    assert _bps <= BPS, "mark out of bounds"
    assert _bps > state.mark_bps, "not a markdown"
    bound: uint256 = max((self._most_impaired(_deal, state))[0], state.impairment)
    assert _bps * state.gross <= bound * BPS, "below appraisal"

    self._mark_ups[_deal] = 0
    extcall DESK.mark(_deal, _bps, False)


@external
def propose_mark_up(_deal: uint256, _bps: uint256):
    """
    @notice Announce that a mark will be lowered; a markdown meanwhile takes this back.
    @param _deal The deal's number.
    @param _bps Below the present mark.
    @custom:access CREDIT.
    @custom:reverts "not credit", "not a mark-up".
    """
    self._check_credit()
    assert _bps < (staticcall LEDGER.deal(_deal)).mark_bps, "not a mark-up"
    from_clock: uint256 = staticcall AID.unpaused_seconds() + MARK_UP_DELAY
    self._mark_ups[_deal] = _bps | (from_clock << 14)
    log MarkUpProposed(deal=_deal, bps=_bps, from_clock=from_clock)


@external
@nonreentrant
def mark_up(_deal: uint256):
    """
    @notice Lower a mark as announced; the impairment goes back over the days of a cure. Not while grace
            of a leg is over that lacks more than is held for it.
    @param _deal The deal's number.
    @custom:access CREDIT.
    @custom:reverts "not credit", "nothing proposed", "too early", and the desk's reasons.
    """
    self._check_credit()
    proposal: uint256 = self._mark_ups[_deal]
    assert proposal != 0, "nothing proposed"
    assert staticcall AID.unpaused_seconds() >= proposal >> 14, "too early"

    self._mark_ups[_deal] = 0
    extcall DESK.mark(_deal, proposal & MASK_14, True)


# Views


@external
@view
def sale_from(_deal: uint256) -> uint256:
    """
    @notice From when anyone may have the collateral of a deal in default sold.
    @param _deal The deal's number.
    @return Unix seconds, later by every pause of AID to come; 0 unless the deal is in default.
    """
    if staticcall LEDGER.status(_deal) != IDealDesk.Status.DEFAULTED:
        return 0
    default_at: uint256 = staticcall DESK.defaulted_at(_deal)
    from_clock: uint256 = max(default_at + SALE_DELAY, self._suspended_until(_deal, default_at))
    return from_clock + self._pauses()


@external
@view
def announcement_of(_deal: uint256) -> (uint256, uint256, uint256, uint256):
    """
    @notice The step-in that is announced.
    @param _deal The deal's number.
    @return Number of minimums, days between them, and the first and the first too late Unix second in
            which it can be carried out, later by every pause of AID to come; zeros if none is.
    """
    announcement: Announcement = self._announced[_deal]
    if (
        announcement.stage != Stage.PENDING
        or announcement.default_at != staticcall DESK.defaulted_at(_deal)
        or staticcall LEDGER.status(_deal) != IDealDesk.Status.DEFAULTED
    ):
        return 0, 0, 0, 0
    from_time: uint256 = announcement.from_clock + self._pauses()
    return announcement.instalments, announcement.interval, from_time, from_time + STEP_IN_WINDOW


@external
@view
def mark_up_of(_deal: uint256) -> (uint256, uint256):
    """
    @notice The mark-up that is announced.
    @param _deal The deal's number.
    @return The mark, bps, and from when it can be set, Unix seconds, later by every pause of AID to come;
            zeros if none is.
    """
    proposal: uint256 = self._mark_ups[_deal]
    if proposal == 0:
        return 0, 0
    return proposal & MASK_14, (proposal >> 14) + self._pauses()


@external
@view
def most_impaired(_deal: uint256) -> uint256:
    """
    @notice The impairment that a mark may lead to now, if the deal is not impaired by more already.
    @param _deal The deal's number.
    @return AID wei: what gross value exceeds a fresh appraisal less HAIRCUT_BPS, cash reserve and first
            loss by; 0 without a fresh appraisal.
    """
    return (self._most_impaired(_deal, staticcall LEDGER.deal(_deal)))[0]


# Internals


@internal
@view
def _most_impaired(_deal: uint256, _state: State) -> (uint256, bool):
    """
    @return What gross value exceeds the collateral's worth by, wei; whether the appraisal is fresh.
    """
    receipt: uint256 = staticcall DEALS.receipt_of(_deal)
    if not staticcall ATTESTOR.is_fresh(APPRAISAL, receipt):
        return 0, False
    appraisal: uint256 = staticcall ATTESTOR.fresh_value(APPRAISAL, receipt)
    # reports are of less than 2^176
    worth: uint256 = (appraisal * (BPS - HAIRCUT_BPS) // BPS + _state.reserve + _state.first_loss)
    return _state.gross - min(_state.gross, worth), True


@internal
@view
def _most_ramp(_deal: uint256, _state: State) -> uint256:
    """
    @notice What the schedule of impairment says of gross value by the end of today, wei: of the leg that
            is late the longest, and before the first loss.
    """
    schedule: uint256 = (staticcall Agreements(DEALS.address).terms(_deal)).schedule
    stop: uint256 = _state.stop
    if stop == 0 or (_state.share_stop != 0 and _state.share_stop < stop):
        stop = _state.share_stop
    day: uint256 = block.timestamp // DAY + 1
    days: uint256 = day - min(day, stop)
    before: uint256 = 0
    reached: uint256 = 0
    for i: uint256 in range(3):
        # as `curve._pack_schedule` packs it; the third part is all
        end: uint256 = (schedule >> (10 * i)) & MASK_10
        bps: uint256 = BPS if i == 2 else (schedule >> (30 + 14 * i)) & MASK_14
        if days < end:
            reached += (bps - reached) * (days - before) // (end - before) + 1
            return _state.gross * min(reached, BPS) // BPS
        before = end
        reached = bps
    return _state.gross


@internal
@view
def _suspended_until(_deal: uint256, _default_at: uint256) -> uint256:
    """
    @notice Until when, on AID's clock, an announcement suspends the sale; 0 if none does.
    """
    announcement: Announcement = self._announced[_deal]
    if announcement.stage != Stage.PENDING or announcement.default_at != _default_at:
        return 0
    return announcement.from_clock + STEP_IN_WINDOW


@internal
@view
def _pauses() -> uint256:
    """
    @notice Seconds that pauses have taken from AID's clock so far, the present one to its end.
    """
    return max(block.timestamp, staticcall AID.paused_until()) - staticcall AID.unpaused_seconds()


@internal
@view
def _check_defaulted(_deal: uint256):
    assert staticcall LEDGER.status(_deal) == IDealDesk.Status.DEFAULTED, "not in default"


@internal
@view
def _check_credit():
    assert staticcall ROLES.hasRole(CREDIT, msg.sender), "not credit"
