"""Oracles of lending markets: what they ask about the loan coin, and the steps that deploy those of sAID."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from integrations.protocol.config import AID, NetworkConfig
from integrations.protocol.errors import ConfigError

if TYPE_CHECKING:
    from integrations.protocol.deployment import Deployment
    from integrations.protocol.steps import Step

ZERO = "0x" + "00" * 20
BPS = 10_000
WAD = 10**18


class LoanNames(NamedTuple):
    """Names in the address book of what tells AID's worth in a loan coin; pool and feed are empty for AID.

    Attributes:
        token: The loan coin.
        pool: The stable pool of AID and the coin.
        feed: The coin's dollar feed.
        max_age: Seconds for which the feed counts as fresh.
    """

    token: str
    pool: str
    feed: str
    max_age: int


def loan_names(config: NetworkConfig, loan: str) -> LoanNames:
    """What tells AID's worth in a loan coin.

    Args:
        config: Of the installation.
        loan: AID, or a stablecoin that has a pool with AID.

    Raises:
        ConfigError: It is neither.
    """
    if loan == AID:
        return LoanNames("aid", "", "", 0)
    pool = config.pool_of(AID, loan)
    coin = next((coin for coin in config.stablecoins if coin.symbol == loan), None)
    if pool is None or coin is None:
        raise ConfigError(
            f"nothing tells what AID is worth in {loan}", f"lend AID, or add a pool of AID and {loan}"
        )
    return LoanNames(f"coin.{loan}", f"pool.{pool.name}", f"feed.{loan}", coin.max_age)


def loan_arguments(names: LoanNames, address: Any) -> tuple[Any, ...]:
    """Loan coin, pool, feed and age as the oracles' constructors take them.

    Args:
        names: From `loan_names`.
        address: Function from a name of the address book to an address.
    """
    pool, feed = (address(name) if name else ZERO for name in (names.pool, names.feed))
    return address(names.token), pool, feed, names.max_age


def oracle_steps(deployment: Deployment) -> Iterator[Step]:
    """Deploy the oracles of sAID that the configuration asks for."""
    for oracle in deployment.config.oracles:
        names = loan_names(deployment.config, oracle.loan)

        def arguments(names: LoanNames = names, terms: Any = oracle) -> tuple[Any, ...]:
            vault = deployment.address("staked_aid")
            rise = terms.max_rise_bps * WAD // BPS
            return vault, *loan_arguments(names, deployment.address), terms.period, rise

        yield deployment.deploy_step(f"oracle.{oracle.name}", "VaultOracle", arguments)
