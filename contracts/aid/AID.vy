# pragma version 0.4.3
# pragma optimize gas
"""
@title AID
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice The dollar: ERC-20 with 18 decimals and EIP-2612 permits. Only the Gateway
        mints and burns, against its reserve. Denied accounts can neither send,
        receive nor spend; approvals alone move nothing and stay possible. Contracts
        that hold everybody's AID can be protected from denial by GOVERNOR. GUARDIAN
        can stop all movement for 14 days at most, and not again until 7 days later,
        so a captured guardian delays holders but never locks them in.
@dev The deny list lives here and not beside the allowlist because every transfer
     reads it, and a foreign contract would add a cold call to each.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed
from snekmate.auth import ownable
from snekmate.tokens import erc20
from snekmate.tokens.interfaces import IERC20Permit
from snekmate.utils.interfaces import IERC5267

from ..interfaces import IAID
from ..interfaces import IRoles

implements: IAID
implements: IERC20
implements: IERC20Detailed
implements: IERC20Permit
implements: IERC5267

initializes: ownable
initializes: erc20[ownable := ownable]
exports: (
    erc20.DOMAIN_SEPARATOR,
    erc20.allowance,
    erc20.approve,
    erc20.balanceOf,
    erc20.decimals,
    erc20.eip712Domain,
    erc20.name,
    erc20.nonces,
    erc20.permit,
    erc20.symbol,
    erc20.totalSupply,
)


event GatewaySet:
    gateway: indexed(address)


event Denied:
    account: indexed(address)


event Allowed:
    account: indexed(address)


event ProtectionSet:
    account: indexed(address)
    protected: bool


event Paused:
    until: uint256


event Unpaused:
    pass


MAX_PAUSE: public(constant(uint256)) = 14 * 86_400
COOLDOWN: public(constant(uint256)) = 7 * 86_400

GOVERNOR: constant(bytes32) = empty(bytes32)
GUARDIAN: constant(bytes32) = keccak256("GUARDIAN")
COMPLIANCE: constant(bytes32) = keccak256("COMPLIANCE")

GATEWAY_MASK: constant(uint256) = 2**160 - 1
PAUSED_UNTIL_SHIFT: constant(uint256) = 160
PAUSES_SHIFT: constant(uint256) = 200
TIME_MASK: constant(uint256) = 2**40 - 1

# where roles are held
ROLES: public(immutable(IRoles))

# gateway 160 | paused until 40 | seconds of all pauses up to that time 40, from the lowest bit: all
# that a movement needs to know besides the deny list, in one read
_state: uint256
# whether an account is on the deny list
is_denied: public(HashMap[address, bool])
# whether an account can never be put on the deny list
is_protected: public(HashMap[address, bool])


@deploy
def __init__(_roles: IRoles):
    """
    @notice Start with no supply and no Gateway.
    @param _roles Where roles are held; a contract, else "no code".
    """
    assert _roles.address.is_contract, "no code"
    ROLES = _roles
    ownable.__init__()
    erc20.__init__("AID", "AID", 18, "AID", "1")

    # snekmate has made the deployer owner and minter. No function that asks for either is
    # exported; still, nobody shall look like one in storage or in the logs.
    erc20.is_minter[msg.sender] = False
    log erc20.RoleMinterChanged(minter=msg.sender, status=False)
    ownable._transfer_ownership(empty(address))


@external
def transfer(_to: address, _amount: uint256) -> bool:
    """
    @notice Send AID.
    @param _to Receiver, not zero.
    @param _amount AID wei.
    @return True, always.
    @custom:reverts "paused", "denied" (caller, receiver), and as snekmate's ERC-20.
    """
    self._check_not_paused(self._state)
    assert not (self.is_denied[msg.sender] or self.is_denied[_to]), "denied"

    erc20._transfer(msg.sender, _to, _amount)
    return True


@external
def transferFrom(_owner: address, _to: address, _amount: uint256) -> bool:
    """
    @notice Send AID of an owner who has approved the caller. An allowance of 2^256 - 1 is endless.
    @param _owner Whose AID is sent.
    @param _to Receiver, not zero.
    @param _amount AID wei.
    @return True, always.
    @custom:reverts "paused", "denied" (caller, owner, receiver), and as snekmate's ERC-20.
    """
    self._check_not_paused(self._state)
    # a caller who sends his own AID is not looked up twice
    assert not (
        (msg.sender != _owner and self.is_denied[msg.sender])
        or self.is_denied[_owner]
        or self.is_denied[_to]
    ), "denied"

    erc20._spend_allowance(_owner, msg.sender, _amount)
    erc20._transfer(_owner, _to, _amount)
    return True


@external
def mint(_to: address, _amount: uint256):
    """
    @notice Create AID.
    @param _to Receiver.
    @param _amount AID wei.
    @custom:access Gateway.
    @custom:reverts "not gateway", "paused", "denied" (receiver), and if `_to` is zero.
    """
    self._check_gateway()
    assert not self.is_denied[_to], "denied"

    erc20._mint(_to, _amount)


@external
def burn_from(_owner: address, _amount: uint256):
    """
    @notice Destroy AID of an owner, whose allowance is not asked for: the Gateway burns its own
            caller's AID only.
    @param _owner Whose AID is destroyed.
    @param _amount AID wei.
    @custom:access Gateway.
    @custom:reverts "not gateway", "paused", "denied" (owner), and if the balance is too small.
    """
    self._check_gateway()
    assert not self.is_denied[_owner], "denied"

    erc20._burn(_owner, _amount)


@external
def burn(_amount: uint256):
    """
    @notice Destroy AID of the caller: what backs it is the other holders' then.
    @param _amount AID wei.
    @custom:reverts "paused", "denied" (caller), and if the balance is too small.
    """
    self._check_not_paused(self._state)
    assert not self.is_denied[msg.sender], "denied"

    erc20._burn(msg.sender, _amount)


@external
def set_gateway(_gateway: address):
    """
    @notice Name the Gateway, once and for good.
    @param _gateway The only account that will ever mint and burn.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "gateway set", "zero address", "denied".
    """
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"
    state: uint256 = self._state
    assert state & GATEWAY_MASK == 0, "gateway set"
    assert _gateway != empty(address), "zero address"
    assert not self.is_denied[_gateway], "denied"

    self._state = state | convert(_gateway, uint256)
    log GatewaySet(gateway=_gateway)


@external
def deny(_account: address):
    """
    @notice Put an account on the deny list: its AID stays where it is.
    @param _account Who is denied.
    @custom:access COMPLIANCE.
    @custom:reverts "not compliance", "cannot deny" for the zero address (it stands for mint and
                    burn), AID, the Gateway and protected contracts, whose denial would stop
                    everyone.
    """
    assert staticcall ROLES.hasRole(COMPLIANCE, msg.sender), "not compliance"
    gateway: address = self._gateway(self._state)
    assert not (
        _account in [empty(address), self, gateway] or self.is_protected[_account]
    ), "cannot deny"

    self.is_denied[_account] = True
    log Denied(account=_account)


@external
def allow(_account: address):
    """
    @notice Take an account off the deny list.
    @param _account Who is no longer denied.
    @custom:access COMPLIANCE.
    @custom:reverts "not compliance".
    """
    assert staticcall ROLES.hasRole(COMPLIANCE, msg.sender), "not compliance"

    self.is_denied[_account] = False
    log Allowed(account=_account)


@external
def set_protected(_account: address, _protected: bool):
    """
    @notice Protect a contract from denial, or stop that; protecting takes it off the deny list.
    @dev For contracts in which everybody's AID lies (staked AID, the InsuranceFund, the credit
         desk): the denial of one would freeze them all. Never for an account of somebody's own.
    @param _account A contract.
    @param _protected Whether COMPLIANCE is to be unable to deny it.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "no code".
    """
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"
    assert _account.is_contract, "no code"

    self.is_protected[_account] = _protected
    if _protected and self.is_denied[_account]:
        self.is_denied[_account] = False
        log Allowed(account=_account)
    log ProtectionSet(account=_account, protected=_protected)


@external
def pause():
    """
    @notice Stop transfers, minting and burning for MAX_PAUSE; the pause ends by itself. Approvals
            and permits go on.
    @custom:access GUARDIAN.
    @custom:reverts "not guardian", "pause cooldown" until COOLDOWN after the end of the last pause,
                    hence also during one.
    """
    assert staticcall ROLES.hasRole(GUARDIAN, msg.sender), "not guardian"
    state: uint256 = self._state
    assert block.timestamp >= self._cooldown_until(state), "pause cooldown"

    until: uint256 = block.timestamp + MAX_PAUSE
    self._state = self._with_times(state, until, (state >> PAUSES_SHIFT) + MAX_PAUSE)
    log Paused(until=until)


@external
def unpause():
    """
    @notice End a pause early; the cooldown counts from now.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "not paused".
    """
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"
    state: uint256 = self._state
    until: uint256 = self._paused_until(state)
    assert block.timestamp < until, "not paused"

    pauses: uint256 = (state >> PAUSES_SHIFT) - (until - block.timestamp)
    self._state = self._with_times(state, block.timestamp, pauses)
    log Unpaused()


@external
@view
def gateway() -> address:
    """
    @notice The only account that mints and burns.
    @return The Gateway, or the zero address before it is set.
    """
    return self._gateway(self._state)


@external
@view
def any_denied(_a: address, _b: address, _c: address) -> bool:
    """
    @notice Whether one of three accounts is on the deny list.
    @dev The zero address never is and costs no read, so it can stand for "nobody".
    @param _a First account.
    @param _b Second account.
    @param _c Third account.
    @return True if at least one is denied.
    """
    return (
        (_a != empty(address) and self.is_denied[_a])
        or (_b != empty(address) and self.is_denied[_b])
        or (_c != empty(address) and self.is_denied[_c])
    )


@external
@view
def paused() -> bool:
    """
    @notice Whether nothing moves now.
    @return True before `paused_until`.
    """
    return block.timestamp < self._paused_until(self._state)


@external
@view
def paused_until() -> uint256:
    """
    @notice When the current pause ends, or the last one ended.
    @return Unix time of the first second in which AID moves again; 0 if it was never paused.
    """
    return self._paused_until(self._state)


@external
@view
def cooldown_until() -> uint256:
    """
    @notice From when GUARDIAN may pause.
    @return Unix time; 0 if AID was never paused.
    """
    return self._cooldown_until(self._state)


@external
@view
def unpaused_seconds() -> uint256:
    """
    @notice A clock that stands still while AID is paused: Unix time less the seconds of all pauses so
            far. What gives everybody time to pay in AID runs by it.
    @return Seconds; Unix time if AID was never paused.
    """
    state: uint256 = self._state
    return max(block.timestamp, self._paused_until(state)) - (state >> PAUSES_SHIFT)


@internal
@view
def _check_gateway():
    state: uint256 = self._state
    assert msg.sender == self._gateway(state), "not gateway"
    self._check_not_paused(state)


@internal
@view
def _check_not_paused(_state: uint256):
    assert block.timestamp >= self._paused_until(_state), "paused"


@internal
@pure
def _gateway(_state: uint256) -> address:
    return convert(_state & GATEWAY_MASK, address)


@internal
@pure
def _paused_until(_state: uint256) -> uint256:
    return (_state >> PAUSED_UNTIL_SHIFT) & TIME_MASK


@internal
@pure
def _cooldown_until(_state: uint256) -> uint256:
    until: uint256 = self._paused_until(_state)
    return until + COOLDOWN if until != 0 else 0


@internal
@pure
def _with_times(_state: uint256, _paused_until: uint256, _pauses: uint256) -> uint256:
    return (
        (_state & GATEWAY_MASK) | (_paused_until << PAUSED_UNTIL_SHIFT) | (_pauses << PAUSES_SHIFT)
    )
