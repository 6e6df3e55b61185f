# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The Gateway's gate: who may come in, and what must hold for it
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Names the contracts around the Gateway, and holds the requirements that its parts share.
        Making and unmaking AID goes through here.
"""
from ..interfaces import IAID
from ..interfaces import IAllowlist
from ..interfaces import IGateway
from ..interfaces import IRoles
from ..interfaces import IStakedAID
from ..interfaces import ITreasury
from . import asset_terms
from . import policy as policy_word

GOVERNOR: constant(bytes32) = empty(bytes32)

ROLES: immutable(IRoles)
ALLOWLIST: immutable(IAllowlist)
AID: immutable(IAID)
CONFIGURATOR: immutable(address)
TREASURY: immutable(ITreasury)

staked_aid: public(IStakedAID)


@deploy
def __init__(
    _roles: IRoles,
    _allowlist: IAllowlist,
    _aid: IAID,
    _configurator: address,
    _treasury: ITreasury,
):
    """
    @notice Name the contracts around the Gateway.
    @param _roles Where roles are held.
    @param _allowlist Whose KYC is valid.
    @param _aid The dollar.
    @param _configurator Who writes the settings.
    @param _treasury Who moves coins into vaults, and remembers what vaults have reported.
    """
    ROLES = _roles
    ALLOWLIST = _allowlist
    AID = _aid
    CONFIGURATOR = _configurator
    TREASURY = _treasury


# Governed functions


@external
def set_staked_aid(_staked_aid: address):
    """
    @notice Name the vault that receives harvests and whose portfolio uses the credit lane, once and
            for good.
    @param _staked_aid The vault.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "staked aid set".
    """
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"
    assert self.staked_aid.address == empty(address), "staked aid set"
    self.staked_aid = IStakedAID(_staked_aid)
    log IGateway.StakedAIDSet(staked_aid=_staked_aid)


# Views


@external
@view
def configurator() -> address:
    """
    @notice Who checks and writes the settings.
    """
    return CONFIGURATOR


@external
@view
def treasury() -> address:
    """
    @notice Who moves coins into vaults, and remembers what vaults have reported.
    """
    return TREASURY.address


@external
@view
def aid() -> address:
    """
    @notice The dollar.
    """
    return AID.address


# Internals: requirements


@internal
@view
def _check_call(_amount: uint256, _deadline: uint256):
    assert block.timestamp <= _deadline, "deadline passed"
    self._check_amount(_amount)


@internal
@pure
def _check_amount(_amount: uint256):
    assert _amount != 0, "zero amount"


@internal
@pure
def _check_out(_out: uint256, _min_out: uint256):
    self._check_amount(_out)
    self._check_min_out(_out, _min_out)


@internal
@pure
def _check_min_out(_out: uint256, _min_out: uint256):
    assert _out >= _min_out, "min out"


@internal
@view
def _check_kyc(_account: address):
    assert staticcall ALLOWLIST.is_allowed(_account), "kyc required"


@internal
@view
def _check_not_denied(_account: address):
    assert not staticcall AID.is_denied(_account), "denied"


@internal
@view
def _check_leaver(_receiver: address, _everyone: bool):
    """
    @dev Caller and receiver may take coins out. That the caller is not denied is checked where its
         AID is burned.
    """
    if not _everyone:
        self._check_kyc(msg.sender)
    if _receiver != msg.sender:
        if not _everyone:
            self._check_kyc(_receiver)
        self._check_not_denied(_receiver)


@internal
@pure
def _check_not_ending(_ending: bool):
    assert not _ending, "winding down"


@internal
@pure
def _check_normal(_deficit: bool):
    assert not _deficit, "deficit"


@internal
@pure
def _check_mint_open(_policy: uint256, _terms: uint256):
    self._check_not_ending(policy_word.wind_down_at(_policy) != 0)
    self._check_not_paused(policy_word.mint_paused(_policy), _terms)


@internal
@pure
def _check_not_paused(_paused: bool, _terms: uint256):
    assert not (_paused or asset_terms.has(_terms, asset_terms.MINT_PAUSED)), "mint paused"


@internal
@view
def _check_redeem_open(_policy: uint256, _terms: uint256):
    assert (
        block.timestamp >= policy_word.redeem_paused_until(_policy)
        and not asset_terms.has(_terms, asset_terms.REDEEM_PAUSED)
    ), "redeem paused"


@internal
@pure
def _check_fresh(_fresh: bool):
    assert _fresh, "stale price"


@internal
@pure
def _check_band(_price: uint256, _band_bps: uint256):
    assert asset_terms.within(_price, _band_bps), "price out of band"


@internal
@view
def _check_desk(_amount: uint256):
    self._check_amount(_amount)
    assert msg.sender == staticcall self.staked_aid.portfolio(), "not credit desk"


@internal
@view
def _check_configurator():
    assert msg.sender == CONFIGURATOR, "not configurator"


@internal
@view
def _check_treasury():
    assert msg.sender == TREASURY.address, "not treasury"


@internal
@view
def _wound_down(_policy: uint256) -> bool:
    at: uint256 = policy_word.wind_down_at(_policy)
    return at != 0 and block.timestamp >= at


# Internals: supply


@internal
@view
def _supply() -> uint256:
    return staticcall AID.totalSupply()


@internal
def _burn(_amount: uint256):
    extcall AID.burn_from(msg.sender, _amount)


@internal
def _issue(_to: address, _amount: uint256):
    extcall AID.mint(_to, _amount)
