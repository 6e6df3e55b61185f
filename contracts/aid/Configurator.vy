# pragma version 0.4.3
# pragma optimize gas
"""
@title Configurator: what governance and guardian may set at the Gateway
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Checks every setting against its bounds, packs it and hands it to the Gateway, which stores
        packed words and obeys nobody else. Holds no funds and no state: settings are read from the
        Gateway, where they act.
@dev Apart from the Gateway for its size, and so that the code that moves money stays short. It can
     never touch what the reserve holds, only the terms on which it is taken and paid.
"""
from ..interfaces import IAID
from ..interfaces import IRoles
from . import coin_settings
from . import reserve_settings
from . import settings_access
from . import vault_settings

initializes: settings_access
initializes: coin_settings[settings_access := settings_access]
initializes: vault_settings[settings_access := settings_access]
initializes: reserve_settings[settings_access := settings_access]

exports: (
    coin_settings.__interface__,
    vault_settings.__interface__,
    reserve_settings.__interface__,
)


@deploy
def __init__(_roles: IRoles, _aid: IAID):
    """
    @notice Serve the Gateway of one dollar, whichever AID names; so this contract can be deployed
            before it.
    @param _roles Where roles are held.
    @param _aid The dollar.
    """
    settings_access.__init__(_roles, _aid)


@external
@view
def roles() -> address:
    """
    @notice Where roles are held.
    """
    return settings_access.ROLES.address


@external
@view
def gateway() -> address:
    """
    @notice The Gateway that is configured.
    """
    return settings_access._gateway().address
