# pragma version 0.4.3
# pragma optimize codesize
# pragma experimental-codegen
"""
@title StakedAID
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Staked AID (sAID): an ERC-4626 vault whose redemptions are asynchronous
        (ERC-7540), earning what GPU financing deals and Treasury reserves earn.
@dev Assembled from modules, each with one concern:

         vault           what it owns and is worth; `sync`
         deposits        ERC-4626 deposits and accounting views
         redemptions     ERC-7540 requests, cancellations and claims
         cycles          withdrawal cycles and their O(1) settlement
         vesting         linear vesting of gains and releases
         portfolio_seam  funding, collections and losses of the credit book

     Every mutating function begins with `sync`. Only internal accounting has
     value: AID that is merely sent here changes nothing.
"""

from ethereum.ercs import IERC165
from ethereum.ercs import IERC20
from snekmate.auth import ownable
from snekmate.tokens import erc20

from . import cycle_terms
from . import cycles
from . import deposits
from . import portfolio_seam
from . import redemptions
from . import vault
from . import vesting
from ..interfaces import IStakedAID

implements: IERC165
implements: IERC20
implements: IStakedAID

initializes: ownable
initializes: erc20[ownable := ownable]
initializes: cycle_terms
initializes: cycles
initializes: vesting
initializes: vault[erc20 := erc20, cycles := cycles, vesting := vesting]
initializes: deposits[erc20 := erc20, vault := vault]
initializes: redemptions[
    erc20 := erc20, cycle_terms := cycle_terms, cycles := cycles, vault := vault
]
initializes: portfolio_seam[
    cycle_terms := cycle_terms, cycles := cycles, vault := vault, vesting := vesting
]

exports: (
    erc20.approve,
    erc20.permit,
    erc20.name,
    erc20.symbol,
    erc20.decimals,
    erc20.allowance,
    erc20.nonces,
    erc20.DOMAIN_SEPARATOR,
    erc20.eip712Domain,
    vault.GATEWAY,
    vault.INSURANCE,
    vault.isOperator,
    vault.vesting_period,
    deposits.__interface__,
    redemptions.__interface__,
    portfolio_seam.__interface__,
)


struct Summary:
    idle: uint256  # AID that belongs to the shares
    claimable: uint256  # AID that waits to be claimed
    supply: uint256
    deposit_assets: uint256
    exit_assets: uint256
    unvested: uint256
    cycle: uint256  # the running one
    active: uint256  # shares in line for its end
    upcoming: uint256  # shares that join the next one
    releasing: uint256  # unvested releases of impairment and late recoveries


event DepositLimitsSet:
    cap: uint256
    paused: bool


event VestingPeriodSet:
    period: uint256


@deploy
def __init__(_roles: address, _aid: address, _gateway: address, _insurance: address):
    """
    @notice Starts empty and closed: GOVERNOR opens it with a deposit cap.
    @param _roles The Roles contract.
    @param _aid The AID token.
    @param _gateway The Gateway, which mints harvested income to this vault.
    @param _insurance The InsuranceFund.
    """
    ownable.__init__()
    erc20.__init__("Staked AID", "sAID", 18, "Staked AID", "1")
    # nobody owns the token module: shares are minted and burned by the vault's rules alone
    erc20.is_minter[msg.sender] = False
    ownable._transfer_ownership(empty(address))
    cycle_terms.__init__(
        cycle_terms.Terms(window=7 * 86400, minimum=vault.WAD, reserve_floor_bps=3_000)
    )
    cycles.__init__()
    vesting.__init__()
    vault.__init__(_roles, _aid, _gateway, _insurance)


@external
def transfer(_to: address, _amount: uint256) -> bool:
    """
    @notice Moves shares.
    @param _amount Share wei.
    @return Always true.
    @custom:reverts "receiver is vault", "denied" when sender or receiver is on AID's deny list, and
                    the token's reasons.
    """
    vault._check_denied(msg.sender, msg.sender, _to)
    erc20._transfer(msg.sender, _to, _amount)
    return True


@external
def transferFrom(_owner: address, _to: address, _amount: uint256) -> bool:
    """
    @notice Moves shares under an allowance.
    @param _amount Share wei.
    @return Always true.
    @custom:reverts "receiver is vault", "denied" when spender, owner or receiver is on AID's deny
                    list, and the token's reasons.
    """
    vault._check_denied(msg.sender, _owner, _to)
    erc20._spend_allowance(_owner, msg.sender, _amount)
    erc20._transfer(_owner, _to, _amount)
    return True


@external
@nonreentrant
def sync():
    """
    @notice Settles due cycles as of their end; anyone may, and nobody has to.
    """
    vault._sync()


@external
@nonreentrant
def schedule_parameters(_window: uint256, _minimum: uint256, _reserve_floor_bps: uint256):
    """
    @notice Schedules cycle parameters, in force two cycles after the open one.
    @param _window Request window from the start of a cycle, seconds, 1 to 15 days.
    @param _minimum Smallest request, share wei, cut to 1e9, at most 10,000 shares.
    @param _reserve_floor_bps Part of exit assets that funding leaves idle, at most 9,000.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "window out of bounds", "minimum out of bounds",
                    "floor out of bounds".
    """
    vault._check_governor()
    queue: cycles.Queue = vault._sync()
    cycle_terms._schedule_terms(
        cycle_terms.Terms(window=_window, minimum=_minimum, reserve_floor_bps=_reserve_floor_bps),
        queue.cycle,
    )


@external
def set_vesting_period(_period: uint256):
    """
    @notice Sets over how long later gains vest, 1 to 90 days in seconds.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "period out of bounds".
    """
    vault._check_governor()
    assert _period >= 86400 and _period <= 90 * 86400, "period out of bounds"
    vault.vesting_period = _period
    log VestingPeriodSet(period=_period)


@external
def set_deposit_limits(_cap: uint48, _paused: bool):
    """
    @notice Sets the cap on deposit assets and whether deposits are closed.
    @param _cap Whole AID.
    @param _paused Whether to refuse deposits whatever the cap.
    @custom:access GOVERNOR; GUARDIAN may only lower the cap and pause.
    @custom:reverts "not guardian", "guardian may only tighten".
    """
    config: uint256 = vault._config
    cap: uint256 = convert(_cap, uint256)
    if not vault._has_role(vault.GOVERNOR):
        assert vault._has_role(vault.GUARDIAN), "not guardian"
        loosens: bool = cap > (config >> 160) & vault.MASK_48
        if config & vault.PAUSED != 0:
            loosens = loosens or not _paused
        assert not loosens, "guardian may only tighten"
    vault._config = (config & vault.MASK_160) | (cap << 160) | (vault.PAUSED if _paused else 0)
    log DepositLimitsSet(cap=cap, paused=_paused)


@external
@view
def totalSupply() -> uint256:
    """
    @notice Shares as `sync` would leave them now, as `totalAssets` is.
    """
    return vault._current().supply


@external
@view
def balanceOf(_owner: address) -> uint256:
    """
    @notice Shares of an account; the vault's own are those in line, as `sync` would leave them now.
    @param _owner Any account.
    """
    balance: uint256 = erc20.balanceOf[_owner]
    if _owner == self:
        balance -= erc20.totalSupply - vault._current().supply
    return balance


@external
@view
def share() -> address:
    """
    @notice The share token (ERC-7575): this contract.
    """
    return self


@external
@view
def supportsInterface(_id: bytes4) -> bool:
    """
    @notice ERC-165, ERC-7540 operators and redemptions, ERC-7575.
    """
    return _id in [0x01ffc9a7, 0xe3bc4e65, 0x620ee8e4, 0x2f0a18c5]


@external
@view
def summary() -> Summary:
    """
    @notice The vault as `sync` would leave it now: AID wei, share wei, cycle number.
    @dev One share costs `previewMint(1e18)` and is worth `convertToAssets(1e18)`.
    """
    state: vault.State = vault._current()
    held: bool = state.supply != 0
    return Summary(
        idle=state.idle,
        claimable=state.claimable,
        supply=state.supply,
        deposit_assets=vault._deposit_assets(state)[0],
        exit_assets=vault._exit_assets(state),
        unvested=vesting._profit_up(block.timestamp) if held else 0,
        cycle=state.queue.cycle,
        active=state.queue.active,
        upcoming=state.queue.upcoming,
        releasing=vesting._releases_up(block.timestamp) if held else 0,
    )


@external
@view
def deposit_limits() -> (uint256, bool):
    """
    @notice The cap on deposit assets, whole AID, and whether deposits are paused.
    """
    return (vault._config >> 160) & vault.MASK_48, vault._config & vault.PAUSED != 0


@external
@view
def cycle_start(_cycle: uint256) -> uint256:
    """
    @notice When a cycle starts, and the one before it is priced: a UTC midnight, Unix seconds.
    """
    return cycles._cycle_start(_cycle)


@external
@view
def parameters(_cycle: uint256) -> cycle_terms.Terms:
    """
    @notice Request window (s), minimum request (share wei) and reserve floor (bps) in force in a
            cycle, the running one or a later one.
    """
    return cycle_terms._terms_of(_cycle)
