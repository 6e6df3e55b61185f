# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Fees of the protocol, paid out of a pool
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Half of every fee is the protocol's and waits in the pool for the factory's fee receiver.
"""

from ..interfaces import IPoolFactory
from . import pool_state
from . import transfers

uses: pool_state

MASK_88: constant(uint256) = 2**88 - 1

# where the fee receiver is named
factory: public(immutable(IPoolFactory))


@deploy
def __init__():
    """
    @notice Take the deployer for the factory.
    """
    factory = IPoolFactory(msg.sender)


@external
def withdraw_admin_fees():
    """
    @notice Pay the protocol's fees to the factory's fee receiver; anyone may. A coin that cannot be
            sent now stays for later, and so do both while there is no receiver.
    """
    self._pay()


@internal
def _pay():
    """
    @notice Pay what waits to the factory's fee receiver, if there is one.
    """
    receiver: address = staticcall factory.fee_receiver()
    if receiver == empty(address):
        return
    self._pay_coin(0, receiver)
    self._pay_coin(1, receiver)


@internal
def _pay_coin(_i: uint256, _receiver: address):
    """
    @notice Pay one coin, if the token lets it through.
    @param _i 0 or 1.
    @param _receiver Who gets it.
    """
    word: uint256 = pool_state._upkeep
    at: uint256 = unsafe_mul(88, _i)
    fee: uint256 = (word >> at) & MASK_88
    # re-entry is locked out: a coin's fees are forgotten when they have arrived
    if fee != 0 and transfers._push_if_possible(pool_state._coin(_i), _receiver, fee):
        pool_state._upkeep = unsafe_sub(word, fee << at)
