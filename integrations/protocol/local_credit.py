"""The credit side of a local chain, with somebody in every part of it."""

from __future__ import annotations

from typing import Any

from integrations.protocol.config import Credit as CreditConfig
from integrations.protocol.core import CREDIT, Protocol
from integrations.protocol.errors import translated
from integrations.protocol.roles import Role
from integrations.protocol.user import User

#: Whole AID that the user stakes, so that there is something to lend: deals up to 15 % of it pass.
STAKE = 45_000_000


def install_credit(protocol: Protocol, deployer: Any, credit: CreditConfig | None = None) -> Protocol:
    """Install the credit side beside an installation that has none.

    Args:
        protocol: The installation; its address book gets the new contracts.
        deployer: Ape account that holds GOVERNOR.
        credit: What to install; the defaults if absent.

    Returns:
        The installation with it.

    Raises:
        RevertedError: The account is not GOVERNOR, or the vault has another portfolio, not empty.
    """
    from integrations.protocol.deployment import Deployment

    config = protocol.config.model_copy(update={"credit": credit or CreditConfig()})
    return Deployment(config, protocol.book, deployer).execute()


def furnish_credit(protocol: Protocol, governor: Any, officer: Any, user: Any) -> Protocol:
    """Install the credit side on a local chain unless it is there, with people and money.

    Args:
        protocol: The installation.
        governor: Ape account that holds GOVERNOR.
        officer: Ape account that becomes credit committee, servicer and attestor in one.
        user: Ape account of a known user, who gets mock coins and stakes.

    Returns:
        The installation with its credit side.
    """
    if all(name in protocol.book.contracts for name in CREDIT):
        config = protocol.config.model_copy(update={"credit": CreditConfig()})
        return Protocol(config, protocol.book)
    protocol = install_credit(protocol, governor)
    with translated():
        for role in (Role.CREDIT, Role.SERVICER, Role.ATTESTOR):
            protocol.roles.grantRole(role.value, officer, sender=governor)
        someone, coins = User(protocol, user), protocol.coins()
        for coin in coins:
            # 2 % more, for fees
            units = STAKE * 102 // 100 * 10**coin.decimals // len(coins)
            coin.token.mint(user, units, sender=user)
            someone.mint(coin.symbol, units)
        someone.deposit(STAKE * 10**18)
    return protocol
