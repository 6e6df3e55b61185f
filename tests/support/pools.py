"""A factory of stable pools on the test chain, and their coins: tokens of any decimals, vault shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ape.utils import ZERO_ADDRESS

WAD = 10**18
FEE_ONE = 10**10
FEE = 4 * 10**6
OFFPEG = 2 * FEE_ONE
MA_TIME = 866
D_MA_TIME = 62_324
ENDLESS = 2**256 - 1


@dataclass
class PoolStage:
    """Deploys coins and pools.

    Args:
        project: Ape's project.
        deployer: Who deploys, and governs the factory if `roles` says so.
        roles: The Roles contract.
        fee_receiver: Who gets the protocol's fees.
    """

    project: Any
    deployer: Any
    roles: Any
    fee_receiver: Any
    factory: Any = field(init=False)

    def __post_init__(self) -> None:
        blueprint = self.deployer.declare(self.project.StableSwap).contract_address
        self.factory = self.deployer.deploy(
            self.project.PoolFactory, self.roles, blueprint, self.fee_receiver
        )
        self.factory.open(sender=self.deployer)

    def token(self, decimals: int = 18) -> Any:
        """A plain ERC-20 that anyone can mint."""
        return self.deployer.deploy(self.project.Stablecoin, f"Coin {decimals}", f"C{decimals}", decimals)

    def vault(self, price: int = 105 * WAD // 100, decimals: int = 18, asset_decimals: int = 18) -> Any:
        """Shares of a vault, `price` asset units for a whole one."""
        return self.deployer.deploy(self.project.VaultShare, self.token(asset_decimals), decimals, price)

    def pool(
        self,
        coins: Sequence[Any] | None = None,
        *,
        vaults: Sequence[bool] = (False, False),
        A: int = 1_000,
        fee: int = FEE,
        offpeg: int = OFFPEG,
        ma_time: int = MA_TIME,
        seed: int = 0,
        owner: Any = None,
        traders: Sequence[Any] = (),
    ) -> Any:
        """A pool of two coins (new 18-decimal ones by default).

        Args:
            seed: Whole units of value of each coin that `owner` deposits; 0 leaves it empty.
            owner: Who deposits; the deployer by default.
            traders: Who else gets a billion of each coin and approves the pool.
        """
        coins = coins if coins is not None else (self.token(), self.token())
        receipt = self.factory.deploy_pool(
            "Pool",
            "LP",
            [c.address for c in coins],
            list(vaults),
            A,
            fee,
            offpeg,
            ma_time,
            sender=self.deployer,
        )
        pool = self.project.StableSwap.at(receipt.events.filter(self.factory.PoolDeployed)[0].pool)
        owner = owner or self.deployer
        for user in {u.address: u for u in (owner, *traders)}.values():
            self.fund(pool, user, coins)
        if seed:
            rates = pool.stored_rates()
            amounts = [seed * 10**36 // rate for rate in rates]
            pool.add_liquidity(amounts, 0, sender=owner)
        return pool

    def fund(self, pool: Any, user: Any, coins: Sequence[Any], whole: int = 10**9) -> None:
        """Give `user` `whole` units of each coin, approved to the pool."""
        for coin in coins:
            coin.mint(user, whole * 10 ** coin.decimals(), sender=user)
            coin.approve(pool, ENDLESS, sender=user)


__all__ = ["D_MA_TIME", "FEE", "FEE_ONE", "MA_TIME", "OFFPEG", "WAD", "ZERO_ADDRESS", "PoolStage"]
