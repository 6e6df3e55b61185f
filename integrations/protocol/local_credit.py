"""Money to lend on a local chain, where nobody else stakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from integrations.protocol.user import User

if TYPE_CHECKING:
    from integrations.protocol.core import Protocol

#: Whole AID that the user stakes, so that there is something to lend: deals up to 15 % of it pass.
STAKE = 45_000_000


def stake_to_lend(protocol: Protocol, user: Any) -> None:
    """Have a known user mint mock coins, AID for them, and stake that.

    Args:
        protocol: The installation, with mock coins.
        user: Ape account with KYC.

    Raises:
        RevertedError: The account has no KYC, or a limit is too tight.
    """
    someone, coins = User(protocol, user), protocol.coins()
    for coin in coins:
        # 2 % more, for fees
        units = STAKE * 102 // 100 * 10**coin.decimals // len(coins)
        coin.token.mint(user, units, sender=user)
        someone.mint(coin.symbol, units)
    someone.deposit(STAKE * 10**18)
