"""What `ape console` has at hand on a chain with an installation: the protocol, the venues, the people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from ..protocol import Protocol, ProtocolError
from ..protocol.cli import network_config
from ..protocol.core import check_chain, open_book
from ..venues import CurvePool, MorphoMarket, Pendle, PendleMarket, UniswapPool, UniswapV3
from .places import Places, found_places
from .session import load_protocol

#: Test accounts by their part: those that hold a role on a local chain, then users.
PEOPLE = ("governor", "guardian", "compliance", "treasurer", "alice", "bob", "carol", "dave", "mallory")


@dataclass(frozen=True)
class Venues:
    """The venues of an installation, one adapter each; what the chain does not have is None.

    Attributes:
        dollars: Stable pool of AID and USDC.
        shares: Stable pool of sAID and AID.
        uniswap: Uniswap's pool of AID and USDC.
        pendle: Pendle's market of sAID's principal token.
        morpho: Morpho's market that lends USDC against sAID.
        addresses: Of the venues' own contracts by name, e.g. `pendle.router`.
    """

    dollars: CurvePool | None
    shares: CurvePool | None
    uniswap: UniswapPool | None = None
    pendle: PendleMarket | None = None
    morpho: MorphoMarket | None = None
    addresses: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, protocol: Protocol, places: Places | None = None) -> Venues:
        """The venues of an installation.

        Args:
            protocol: The installation.
            places: Of the local mainnet that it is on, if it is.

        Raises:
            ProtocolError: A venue does not know its pool or market.
        """

        def pool(coin: str, other: str) -> CurvePool | None:
            return CurvePool.of(protocol, coin, other) if protocol.config.pool_of(coin, other) else None

        dollars, shares = pool("AID", "USDC"), pool("sAID", "AID")
        if places is None:
            return cls(dollars, shares)
        addresses = places.venues
        return cls(
            dollars,
            shares,
            UniswapV3(addresses).at(places.pool),
            PendleMarket.at(places.market, Pendle(addresses)),
            MorphoMarket.at(addresses["morpho.blue"], bytes.fromhex(places.lending.removeprefix("0x"))),
            addresses,
        )


def names(provider: Any) -> dict[str, Any]:
    """What the console knows besides Ape's own names.

    Args:
        provider: Ape's, connected; None without a connection.

    Returns:
        `protocol`, `venues` and `people` (test accounts by their part) on a local mainnet, a fork of it, or a
        local chain with an installation; elsewhere `protocol` and `venues` if the address book has them.
        Nothing if there is no installation: then a line says why.
    """
    if provider is None:
        return {}
    try:
        places = found_places(provider)
        protocol = load_protocol(places) if places else _recorded()
        found: dict[str, Any] = {"protocol": protocol, "venues": Venues.of(protocol, places)}
    except ProtocolError as error:
        print(f"no protocol at hand: {error}")
        return {}
    if not protocol.config.live:
        found["people"] = people()
    return found


def people() -> SimpleNamespace:
    """Test accounts by their part."""
    from ape import accounts

    return SimpleNamespace(**dict(zip(PEOPLE, accounts.test_accounts, strict=False)))


def _recorded() -> Protocol:
    """The installation that the address book of the connected network records."""
    config = network_config()
    check_chain(config)
    return Protocol.load(config, book=open_book(config))
