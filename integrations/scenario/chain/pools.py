"""Pools on the scenario's chain: created through the factory, used through the adapter for Curve's pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...protocol.artifacts import contract_at
from ...venues import Coin, CurvePool
from ...venues.access import Read, Sent
from ..model import Scenario
from ..world import DEPTH_BPS, SAID, PoolState, PoolTerms
from .installation import MAX_UINT, Installation
from .node import Node


class NodeAccess:
    """The scenario's node as adapters reach a chain: at the second at which its clock stands."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._version = -1
        self._known: dict[tuple[str, str, tuple[Any, ...]], Any] = {}

    def now(self) -> int:
        """See `Access`."""
        return self._node.time

    def seen(self) -> int:
        """See `Access`."""
        return int(self._node.request("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def chain_id(self) -> int:
        """See `Access`."""
        return self._node.chain_id

    def read(self, reads: Sequence[Read]) -> list[Any]:
        """See `Access`. What has been read is remembered until something happens."""
        if self._version != self._node.version:
            self._version = self._node.version
            self._known.clear()
        keys = [_key(method, arguments) for method, *arguments in reads]
        new = [(key, read) for key, read in zip(keys, reads, strict=True) if key not in self._known]
        if new:
            answers = self._node.read([read for _, read in new])
            self._known |= {key: answer for (key, _), answer in zip(new, answers, strict=True)}
        return [self._known[key] for key in keys]

    def send(self, sender: Any, method: Any, *arguments: Any) -> Sent:
        """See `Access`."""
        self._node.check(method, *arguments, sender=sender)
        receipt = self._node.send(method, *arguments, sender=sender)
        return Sent(int(receipt["gasUsed"], 16), str(receipt["transactionHash"]))


def _key(method: Any, arguments: Sequence[Any]) -> tuple[str, str, tuple[Any, ...]]:
    plain = tuple(tuple(one) if isinstance(one, list) else one for one in arguments)
    return str(method.contract.address), str(method.abis[0].name), plain


class Pools:
    """The pools that the scenario has created, by name.

    Args:
        scenario: Whose tokens' names pools go by.
        node: Where they are.
        installation: With the factory.
        tokens: Ape contracts by the scenario's names.
    """

    def __init__(
        self, scenario: Scenario, node: Node, installation: Installation, tokens: Mapping[str, Any]
    ) -> None:
        self._scenario = scenario
        self._node = node
        self._at = installation
        self._tokens = tokens
        self.venues: dict[str, CurvePool] = {}

    def create(self, name: str, terms: PoolTerms) -> Any:
        """Deploy a pool, and let every actor use it. Returns the pool as an Ape contract.

        Raises:
            Reverted: The factory refuses.
        """
        symbols = name.split("/")
        factory = self._at.protocol.pool_factory
        address = self._node.act(
            factory.deploy_pool,
            f"{name} pool",
            name,
            [self._tokens[symbol].address for symbol in symbols],
            [symbol == SAID for symbol in symbols],
            terms.amplification,
            terms.fee,
            terms.offpeg_multiplier,
            terms.period,
            sender=self._at.people.keeper,
        )
        pool = contract_at("StableSwap", address)
        coins = [
            Coin(symbol, str(self._tokens[symbol].address), self._scenario.decimals(symbol))
            for symbol in symbols
        ]
        share = Coin(name, address, 18)
        self.venues[name] = CurvePool(pool, coins, share, NodeAccess(self._node), extended=True)
        for account in self._at.actors.values():
            for symbol in symbols:
                self._node.send(self._tokens[symbol].approve, address, MAX_UINT, sender=account)
        return pool

    def states(self) -> dict[str, PoolState]:
        """Return all pools as they are now."""
        return {name: state_of(venue) for name, venue in self.venues.items()}


def state_of(venue: Any) -> PoolState:
    """Return what a snapshot keeps of a venue."""
    view = venue.view()
    depth = dict.fromkeys(view.balances, 0)
    if view.shares:
        market = venue.market()
        first, second = view.balances
        depth = {
            first: market.depth(first, second, DEPTH_BPS),
            second: market.depth(second, first, DEPTH_BPS),
        }
    return PoolState(view.balances, view.owed, view.held, view.shares, view.share_value, view.price, depth)
