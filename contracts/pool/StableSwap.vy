# pragma version 0.4.3
# pragma optimize codesize
# pragma nonreentrancy on
"""
@title StableSwap
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice A pool of two coins that are worth about the same: plain ERC-20s or ERC-4626
        shares of at most 18 decimals. Neither rebasing nor fee-on-transfer tokens.
        The external ABI is that of Curve's StableSwap-NG; what differs in substance,
        every formula and the storage layout are in docs/pool.md.

        LPs can always leave by `remove_liquidity`: it needs neither a rate nor the
        solver. No operation but a change of the vault's price or of A lowers what a
        share is worth, and no order of deposits and withdrawals is cheaper than the
        swap it replaces.
@dev Every function is guarded by one transient lock, views too: in the middle of an
     operation nobody reads prices. State is written before tokens move.
"""

from ethereum.ercs import IERC20

from . import admin_fees
from . import liquidity
from . import lp_token
from . import pool_parameters
from . import pool_state
from . import pool_views
from . import swaps

implements: IERC20

initializes: lp_token
initializes: pool_state
initializes: pool_parameters[pool_state := pool_state]
initializes: pool_views[pool_state := pool_state]
initializes: admin_fees[pool_state := pool_state]
initializes: swaps[pool_state := pool_state]
initializes: liquidity[admin_fees := admin_fees, lp_token := lp_token, pool_state := pool_state]
exports: (
    admin_fees.__interface__,
    liquidity.__interface__,
    lp_token.DOMAIN_SEPARATOR,
    lp_token.allowance,
    lp_token.approve,
    lp_token.balanceOf,
    lp_token.decimals,
    lp_token.name,
    lp_token.nonces,
    lp_token.permit,
    lp_token.salt,
    lp_token.symbol,
    lp_token.transfer,
    lp_token.transferFrom,
    lp_token.version,
    pool_parameters.__interface__,
    pool_state.MINIMUM_SUPPLY,
    pool_state.N_COINS,
    pool_views.__interface__,
    swaps.__interface__,
)


@deploy
def __init__(
    _name: String[64],
    _symbol: String[32],
    _roles: address,
    _coins: pool_state.Coin[2],
    _parameters: pool_state.Parameters,
):
    """
    @notice Deployed by the factory, which has checked everything.
    @param _name Name of the LP token.
    @param _symbol Its symbol.
    @param _roles Where roles are held.
    @param _coins Tokens, and whether each is an ERC-4626 vault.
    @param _parameters Amplification, fees and the period of the price average.
    """
    admin_fees.__init__()
    lp_token.__init__(_name, _symbol)
    pool_parameters.__init__(_roles)
    pool_state.__init__(_coins, _parameters)
