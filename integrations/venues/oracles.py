"""The price of principal tokens for lending markets: one oracle for each market of them at Pendle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from integrations.protocol.config import AID
from integrations.protocol.errors import translated
from integrations.protocol.oracles import loan_arguments, loan_names

if TYPE_CHECKING:
    from integrations.protocol.core import Protocol
    from integrations.venues.pendle import PendleMarket

WAD = 10**18
#: Seconds of the average; the market must remember as much (`PendleMarket.remember`).
WINDOW = 900
#: Linear discount of a year, WAD: above what the market pays, or it would lend against tomorrow's price.
DISCOUNT_RATE = WAD // 5


def deploy_pt_oracle(
    protocol: Protocol,
    account: Any,
    venue: PendleMarket,
    loan: str = AID,
    *,
    window: int = WINDOW,
    discount_rate: int = DISCOUNT_RATE,
) -> Any:
    """Deploy a `PTOracle` for a market of sAID's principal tokens; anyone may, and nobody governs it.

    Args:
        protocol: The installation.
        account: Who pays.
        venue: Pendle's market, of which the factory knows.
        loan: AID, or a stablecoin that has a pool with AID.
        window: Seconds of the average, 5 minutes to a day.
        discount_rate: Linear discount, WAD a year, at most 100 %.

    Returns:
        The Ape contract; `price()` is 1e36 · loan units / units of principal tokens.

    Raises:
        ConfigError: Nothing tells the worth of AID in the loan coin.
        RevertedError: `short history`: the market does not remember the window yet; `market expired`,
            `window out of bounds`, `rate out of bounds`, `discount too large`.
    """
    from ape import project

    names = loan_names(protocol.config, loan)
    source = loan_arguments(names, lambda name: str(protocol.contract(name).address))
    market, average = venue.contract.address, venue.pendle.oracle.address
    market, average = venue.contract.address, venue.pendle.oracle.address
    with translated():
        return account.deploy(project.PTOracle, market, average, window, discount_rate, *source)
