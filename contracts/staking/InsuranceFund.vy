# pragma version 0.4.3
# pragma optimize gas
"""
@title InsuranceFund
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice AID that stands behind staked AID: what a realised loss leaves after the
        deal's own buffers and unvested profit is paid from here, before the
        share price bears the rest. Nobody can take anything else out.
@dev Counts what was contributed, never what happens to lie here: a plain
     transfer changes nothing.
"""

from ethereum.ercs import IERC20

from ..interfaces import IInsuranceFund
from ..interfaces import IRoles

implements: IInsuranceFund


event Contributed:
    contributor: indexed(address)
    amount: uint256


event Covered:
    amount: uint256
    left: uint256


event VaultSet:
    vault: indexed(address)


GOVERNOR: constant(bytes32) = empty(bytes32)

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
