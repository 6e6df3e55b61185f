"""What is looked at before the first transaction of a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from integrations.protocol.artifacts import contract_at
from integrations.protocol.config import NetworkConfig
from integrations.protocol.errors import AccountError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_parts(config: NetworkConfig, deployer: Any) -> None:
    """Make sure that what the configuration names is on the chain, and is what it says.

    Args:
        config: What is to be installed.
        deployer: Ape account that pays.

    Raises:
        ConfigError: A token, feed or vault is missing, or has other decimals or another asset.
        AccountError: The deployer's key would keep a role on a live network.
    """
    held = dict(config.holders())
    if config.live and deployer.address in held:
        raise AccountError(
            f"the deployer {deployer.address} is among {held[deployer.address]}",
            "deploy with a key that holds nothing afterwards",
        )
    faults = list(_faults(config))
    if faults:
        raise ConfigError("; ".join(faults), "check the addresses in the configuration")


def _faults(config: NetworkConfig) -> Iterator[str]:
    tokens = {coin.symbol: coin.token for coin in config.stablecoins}
    for coin in config.stablecoins:
        if coin.token is None or coin.feed is None:
            continue
        decimals = _answer(coin.token, "Stablecoin", "decimals")
        if decimals != coin.decimals:
            yield f"{coin.symbol}: {coin.token} has {_or_none(decimals)} decimals, not {coin.decimals}"
        decimals = _answer(coin.feed, "PriceFeed", "decimals")
        if decimals is None or decimals > 18:
            yield f"{coin.symbol}: feed {coin.feed} has {_or_none(decimals)} decimals, not 0 to 18"
    for vault in config.vaults:
        if vault.vault is None:
            continue
        asset = _answer(vault.vault, "TBillVault", "asset")
        if asset != tokens[vault.asset]:
            yield f"{vault.symbol}: {vault.vault} holds {_or_none(asset)}, not {vault.asset}"


def _answer(address: str, contract: str, getter: str) -> Any:
    """What a contract answers, None if there is none or it does not."""
    from ape import chain
    from ape.exceptions import ApeException

    if not chain.provider.get_code(address):
        return None
    try:
        return getattr(contract_at(contract, address), getter)()
    except ApeException:
        return None


def _or_none(value: Any) -> str:
    return "no" if value is None else str(value)


def is_stand_in(provider: Any) -> bool:
    """Whether a node is a development node (anvil, hardhat, a tester), on a chain id of whatever chain.

    Real nodes do not know the methods that are asked for; a fork of a real chain is a stand-in too.
    """
    from ape.api import TestProviderAPI

    if isinstance(provider, TestProviderAPI):
        return True
    for method in ("anvil_nodeInfo", "hardhat_metadata"):
        try:
            if provider.make_request(method, []):
                return True
        except Exception:  # each kind of node refuses in its own way
            continue
    return False
