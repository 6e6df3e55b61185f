# pragma version 0.4.3
# pragma optimize gas
"""
@title InsuranceFund
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice AID that stands behind staked AID: what a realised loss leaves after the
        deal's own buffers and unvested profit is paid from here, before the
        share price bears the rest. Nobody can take anything else out, until AID is
        wound down and the last deal is over: then it goes to staked AID.
@dev Counts what was contributed, never what happens to lie here: a plain
     transfer changes nothing.
"""

from ethereum.ercs import IERC20

from ..interfaces import IAID
from ..interfaces import IGateway
from ..interfaces import IInsuranceFund
from ..interfaces import IRoles

implements: IInsuranceFund


interface Burnable:
    def burn(_amount: uint256): nonpayable


interface Desk:
    def open_deals() -> uint256: view


interface Vault:
    def portfolio() -> address: view
    def totalSupply() -> uint256: view
    def on_release(_amount: uint256): nonpayable


event Contributed:
    contributor: indexed(address)
    amount: uint256


event Covered:
    amount: uint256
    left: uint256


event Released:
    amount: uint256
    burned: bool


event VaultSet:
    vault: indexed(address)


GOVERNOR: constant(bytes32) = empty(bytes32)
ONE_SHARE: constant(uint256) = 10**18

AID: public(immutable(address))
ROLES: public(immutable(address))

vault: public(address)
available: public(uint256)  # AID wei that can cover losses


@deploy
def __init__(_roles: address, _aid: address):
    """
    @param _roles The Roles contract.
    @param _aid The AID token.
    """
    ROLES = _roles
    AID = _aid


@external
@nonreentrant
def contribute(_amount: uint256):
    """
    @notice Gives AID to the fund, for good; anyone may.
    @param _amount AID wei, pulled from the caller under its allowance.
    @custom:reverts "zero amount".
    """
    assert _amount != 0, "zero amount"
    self.available += _amount
    log Contributed(contributor=msg.sender, amount=_amount)
    assert extcall IERC20(AID).transferFrom(msg.sender, self, _amount), "transfer failed"


@external
@nonreentrant
def cover(_amount: uint256) -> uint256:
    """
    @notice Pays towards a loss of the vault, as far as the fund goes.
    @param _amount The loss left to cover, AID wei.
    @return What was paid, AID wei.
    @custom:access The staking vault.
    @custom:reverts "not vault".
    """
    assert msg.sender == self.vault, "not vault"
    available: uint256 = self.available
    paid: uint256 = min(available, _amount)
    if paid != 0:
        self.available = available - paid
        log Covered(amount=paid, left=available - paid)
        assert extcall IERC20(AID).transfer(msg.sender, paid), "transfer failed"
    return paid


@external
@nonreentrant
def release() -> uint256:
    """
    @notice Give all that lies here to staked AID once AID is wound down and no deal is open; anyone
            may, and again for what comes later. It vests there. Where there is less than one
            share it is burned: what backs it is then the holders' of AID.
    @dev The vault's supply counts due settlements, whenever they are made.
    @return What left, AID wei.
    @custom:reverts "not wound down", "deals open", "nothing to release".
    """
    assert staticcall IGateway(staticcall IAID(AID).gateway()).wound_down(), "not wound down"
    vault: Vault = Vault(self.vault)
    desk: address = staticcall vault.portfolio()
    if desk != empty(address):
        assert staticcall Desk(desk).open_deals() == 0, "deals open"
    amount: uint256 = staticcall IERC20(AID).balanceOf(self)
    assert amount != 0, "nothing to release"
    self.available = 0
    burned: bool = staticcall vault.totalSupply() < ONE_SHARE
    log Released(amount=amount, burned=burned)
    if burned:
        extcall Burnable(AID).burn(amount)
    else:
        assert extcall IERC20(AID).transfer(vault.address, amount), "transfer failed"
        extcall vault.on_release(amount)
    return amount


@external
def set_vault(_vault: address):
    """
    @notice Names the vault whose losses are covered, once and for all.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "zero address", "vault set".
    """
    assert staticcall IRoles(ROLES).hasRole(GOVERNOR, msg.sender), "not governor"
    assert _vault != empty(address), "zero address"
    assert self.vault == empty(address), "vault set"
    self.vault = _vault
    log VaultSet(vault=_vault)
