# pragma version 0.4.3
"""
@title What the staking vault owns, and what it is worth
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice The state that every entry point of StakedAID begins with:

            deposit assets = idle + G                     what a depositor pays for
            exit assets    = idle + G - I - L - M, or 0   what a leaver is paid for

        with `idle` the AID held, `G` and `I` the portfolio's gross value and net
        impairment, `L` unvested profit and `M` unvested releases of impairment:
        nobody shares for nothing what came before him. Between assets and shares
        stand 1e6 virtual assets and 1e6 virtual shares.
@dev `_sync` settles due withdrawal cycles *as of their end*: nothing has changed
     since, so neither the caller nor the moment of the call matters.

     _cash    idle 128 | claimable 128                                (low to high)
     _config  portfolio 160 | deposit cap, whole AID 48 | deposits paused 1
"""

from snekmate.tokens import erc20

from . import cycle_math
from . import cycles
from . import vesting
from ..interfaces import IAID
from ..interfaces import IGateway
from ..interfaces import IInsuranceFund
from ..interfaces import IPortfolio
from ..interfaces import IRoles

uses: erc20
uses: cycles
uses: vesting


struct State:
    idle: uint256
    claimable: uint256
    supply: uint256
    queue: cycles.Queue


GOVERNOR: constant(bytes32) = empty(bytes32)
GUARDIAN: constant(bytes32) = keccak256("GUARDIAN")

BPS: constant(uint256) = 10_000
WAD: constant(uint256) = 10**18
VIRTUAL: constant(uint256) = cycle_math.VIRTUAL
MASK_160: constant(uint256) = 2**160 - 1
MASK_128: constant(uint256) = 2**128 - 1
MASK_48: constant(uint256) = 2**48 - 1
PAUSED: constant(uint256) = 2**208
MAX_SHARES: constant(uint256) = cycles.MASK_104
MAX_CASH: constant(uint256) = 2**112 - 1
REQUEST_ID: constant(uint256) = 0  # requests of a controller merge

AID: immutable(address)
ROLES: public(immutable(address))
GATEWAY: public(immutable(address))
INSURANCE: public(immutable(address))

_cash: uint256
_config: uint256
isOperator: public(HashMap[address, HashMap[address, bool]])
vesting_period: public(uint256)


@deploy
def __init__(_roles: address, _aid: address, _gateway: address, _insurance: address):
    """
    @notice Starts empty and closed: GOVERNOR opens it with a deposit cap.
    """
    ROLES = _roles
    AID = _aid
    GATEWAY = _gateway
    INSURANCE = _insurance
    self.vesting_period = 7 * 86400


@internal
def _sync() -> cycles.Queue:
    """
    @notice Stores due settlements.
    @return The line afterwards.
    """
    queue: cycles.Queue = cycles._load_queue()
    if queue.cycle == cycles._cycle_at(block.timestamp):
        return queue
    state: State = empty(State)
    settlements: DynArray[cycles.Settlement, cycles.MAX_SETTLEMENTS] = []
    residue: uint256 = 0
    state, settlements, residue = self._due()
    cycles._store_settlements(settlements, state.queue)
    filled: uint256 = erc20.totalSupply - state.supply
    if filled != 0:
        erc20._burn(self, filled)
        self._store_cash(state.idle, state.claimable)
        if state.supply == 0:
            # nobody is left: the price restarts at 1, and what remains insures later holders
            vesting._clear()
            self._feed_insurance(residue)
    return state.queue


@internal
def _synced() -> State:
    """
    @notice Stores due settlements.
    @return The vault afterwards.
    """
    queue: cycles.Queue = self._sync()
    return self._stored(queue)


@internal
@view
def _stored(_queue: cycles.Queue) -> State:
    cash: uint256 = self._cash
    return State(
        idle=cash & MASK_128, claimable=cash >> 128, supply=erc20.totalSupply, queue=_queue
    )


@internal
@view
def _due() -> (State, DynArray[cycles.Settlement, cycles.MAX_SETTLEMENTS], uint256):
    """
    @notice Computes the settlements that are due, each as of its cycle's end.
    @dev Between the last change and now only settlements move idle AID. One that finds it at
         zero changes nothing, nor does any later one, so the open cycle jumps to the running one.
         The first settlement takes the upcoming shares in; a second finds either nobody waiting
         or no idle AID, but for the remainder that a nearly full fill must keep; MAX_SETTLEMENTS
         leaves room for that remainder to shrink by 1e9 each time.
    @return The vault after them, they themselves, and the assets left over when nobody is.
    """
    state: State = self._stored(cycles._load_queue())
    settlements: DynArray[cycles.Settlement, cycles.MAX_SETTLEMENTS] = []
    running: uint256 = cycles._cycle_at(block.timestamp)
    residue: uint256 = 0
    if state.queue.cycle == running:
        return state, settlements, residue
    for _: uint256 in range(cycles.MAX_SETTLEMENTS):
        if state.queue.cycle == running or (
            state.queue.upcoming == 0 and (state.queue.active == 0 or state.idle == 0)
        ):
            break
        exit_assets: uint256 = 0
        if state.queue.active != 0:
            exit_assets = self._exit_assets_at(
                cycles._cycle_start(state.queue.cycle + 1), state.idle, state.supply
            )
        s: cycles.Settlement = cycles._settle(
            state.queue, state.idle, exit_assets, state.supply, settlements
        )
        settlements.append(s)
        state.idle -= s.paid
        state.claimable += s.paid
        state.supply -= s.filled
        state.queue = cycles.Queue(
            cycle=s.cycle + 1,
            active=s.pending - s.filled + state.queue.upcoming,
            upcoming=0,
        )
    state.queue.cycle = running
    if state.supply == 0:
        residue = state.idle
        state.idle = 0
    return state, settlements, residue


@internal
@view
def _current() -> State:
    """
    @notice The vault as `sync` would leave it now.
    """
    return self._due()[0]


@internal
@view
def _deposit_assets(_state: State) -> (uint256, uint256):
    """
    @notice Deposit assets now, and the impairment among them, AID wei.
    """
    gross: uint256 = 0
    impairment: uint256 = 0
    gross, impairment = self._book_at(block.timestamp)
    return _state.idle + gross, impairment


@internal
@view
def _exit_assets(_state: State) -> uint256:
    """
    @notice Exit assets now, AID wei, down.
    """
    return self._exit_assets_at(block.timestamp, _state.idle, _state.supply)


@internal
@view
def _exit_assets_at(_t: uint256, _idle: uint256, _supply: uint256) -> uint256:
    """
    @notice Exit assets at `_t`, AID wei, down.
    """
    gross: uint256 = 0
    deducted: uint256 = 0
    gross, deducted = self._book_at(_t)
    # without holders the streams are about to be cleared
    if _supply != 0:
        deducted += vesting._profit_up(_t) + vesting._releases_up(_t)
    assets: uint256 = _idle + gross
    return assets - min(assets, deducted)


@internal
@view
def _coarse_price(_state: State) -> uint256:
    """
    @notice Exit price of a share now, WAD, coarse.
    """
    return cycle_math._coarse_down(
        WAD * (self._exit_assets(_state) + VIRTUAL) // (_state.supply + VIRTUAL)
    )


@internal
@view
def _book_at(_t: uint256) -> (uint256, uint256):
    """
    @notice Gross value and net impairment of the portfolio at `_t`, AID wei.
    """
    book: address = self._portfolio()
    if book == empty(address):
        return 0, 0
    return staticcall IPortfolio(book).value_at(_t)


@internal
@view
def _position(_controller: address) -> cycles.Position:
    state: State = empty(State)
    settlements: DynArray[cycles.Settlement, cycles.MAX_SETTLEMENTS] = []
    residue: uint256 = 0
    state, settlements, residue = self._due()
    return cycles._position(_controller, state.queue.cycle, settlements)


@internal
def _store_cash(_idle: uint256, _claimable: uint256):
    assert _idle <= MAX_CASH and _claimable <= MAX_CASH, "cash limit"
    self._cash = _idle | (_claimable << 128)


@internal
def _receive(_state: State, _amount: uint256, _gain: uint256, _release: uint256, _period: uint256):
    """
    @notice Book AID that has arrived, and what it releases over `_period` seconds: for the
            holders, or without any for the InsuranceFund, which also has the gains while the
            holders together have less than one share.
    """
    gain: uint256 = _gain
    insured: uint256 = 0
    if _state.supply < WAD:
        # a dust of shares must not turn a gain into an absurd price
        insured = gain
        gain = 0
        if _state.supply == 0:
            insured = _amount
        self._feed_insurance(insured)
    self._store_cash(_state.idle + _amount - insured, _state.claimable)
    vesting._add_profit(gain, self.vesting_period)
    if _state.supply != 0:
        vesting._add_release(_release, _period)


@internal
def _feed_insurance(_amount: uint256):
    if _amount == 0:
        return
    extcall IAID(AID).approve(INSURANCE, _amount)
    extcall IInsuranceFund(INSURANCE).contribute(_amount)


@internal
@view
def _wound_down() -> bool:
    """
    @notice Whether AID is wound down: who came now would share in what the InsuranceFund returns to
            those who were insured.
    """
    return staticcall IGateway(GATEWAY).wound_down()


@internal
@view
def _portfolio() -> address:
    return convert(self._config & MASK_160, address)


@internal
@view
def _check_operator(_controller: address):
    assert (msg.sender == _controller or self.isOperator[_controller][msg.sender]), "not operator"


@internal
@view
def _check_governor():
    assert self._has_role(GOVERNOR), "not governor"


@internal
@view
def _has_role(_role: bytes32) -> bool:
    return staticcall IRoles(ROLES).hasRole(_role, msg.sender)


@internal
@view
def _check_denied(_a: address, _b: address, _receiver: address):
    """
    @notice Requires that nobody involved is denied, and that shares do not go to the vault itself:
            they would never leave it again, so that the last holder could never leave completely.
    """
    assert _receiver != self, "receiver is vault"
    assert not staticcall IAID(AID).any_denied(_a, _b, _receiver), "denied"


@internal
@view
def _blocked(_account: address) -> bool:
    """
    @notice Whether AID cannot move to `_account` now.
    """
    return staticcall IAID(AID).is_denied(_account) or staticcall IAID(AID).paused()


@internal
@pure
def _mul_div_up(_a: uint256, _b: uint256, _c: uint256) -> uint256:
    return (_a * _b + _c - 1) // _c
