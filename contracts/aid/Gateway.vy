# pragma version 0.4.3
# pragma nonreentrancy on
# pragma optimize codesize
"""
@title Gateway: the one place where AID is made and unmade
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Known users swap accepted stablecoins for AID and back at min(1, price) and max(1, price);
        the credit desk does the same with what it lends and collects; surplus income of the reserve
        goes to staked AID.

        With B the reserve at min(1, price) and B_par the reserve at 1, no call lowers B - supply or
        B_par - supply (but `harvest` down to its buffer, and the treasurer by at most one unit of a
        coin, a vault's rounding). Redemption is *normal*, coin by coin at its price, while the part
        of B whose prices are fresh covers the supply but for the deficit delta; otherwise it is a
        *basket*, the same part of everything that the reserve holds, which needs no price and
        leaves nobody an advantage.
@dev Every entry point reads: deadline, requirements, state, conversion, effects, log, transfers.
     Where coins come in they come first, for only what arrived counts. Everything, views included,
     is under one transient lock: a token with callbacks finds no state in between.

     Amounts of AID are in wei (18 decimals), of a coin in its own units, prices in WAD. Conversions
     round against the caller. Settings are written by the Configurator, as packed words.
"""
from ..interfaces import IAID
from ..interfaces import IAllowlist
from ..interfaces import IGateway
from ..interfaces import IGatewayWords
from ..interfaces import IRoles
from ..interfaces import ITreasury
from . import credit_lane
from . import exchange
from . import gate
from . import keeping
from . import policy as policy_word
from . import positions
from . import reserve
from . import settings

implements: IGateway
implements: IGatewayWords

initializes: gate
initializes: positions
initializes: reserve[positions := positions]
initializes: exchange[gate := gate, reserve := reserve]
initializes: credit_lane[exchange := exchange, gate := gate, reserve := reserve]
initializes: keeping[gate := gate, positions := positions, reserve := reserve]
initializes: settings[gate := gate, positions := positions, reserve := reserve]

exports: (
    gate.__interface__,
    exchange.__interface__,
    credit_lane.__interface__,
    keeping.__interface__,
    settings.__interface__,
)


@deploy
def __init__(
    _roles: IRoles,
    _allowlist: IAllowlist,
    _aid: IAID,
    _configurator: address,
    _treasury: ITreasury,
):
    """
    @notice Start without coins; a total cap that does not bind, a deficit delta of 50 bps, a
            harvest buffer of 10 bps, vault growth of at most 6 % a year, a liquid floor of 20 %.
    @param _roles Where roles are held.
    @param _allowlist Whose KYC is valid.
    @param _aid The dollar, which must in turn name this Gateway.
    @param _configurator Checks and writes the settings; the only one who may.
    @param _treasury Moves coins into vaults and back, and remembers what vaults have reported.
    """
    gate.__init__(_roles, _allowlist, _aid, _configurator, _treasury)
    reserve.policy = (
        (policy_word.MASK_48 << policy_word.TOTAL_CAP)
        | (50 << policy_word.DEFICIT_DELTA)
        | (10 << policy_word.BUFFER)
        | (600 << policy_word.GROWTH)
        | (2_000 << policy_word.LIQUID_FLOOR)
    )
