"""The steps of a deployment, and the longest of them: a pool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from integrations.protocol.address_book import Entry
from integrations.protocol.artifacts import contract_at
from integrations.protocol.config import SAID, Pool

if TYPE_CHECKING:
    from integrations.protocol.core import Protocol


@dataclass(frozen=True)
class Step:
    """One transaction of a deployment.

    Attributes:
        name: What it does, unique in the plan.
        kind: What its gas depends on: the contract deployed, or the function called.
        done: Whether the chain shows that nothing is left to do.
        run: Does it and returns the receipt.
        kept: Whether the chain says otherwise than the configuration, and is left as it is: what an
            installation lives by is changed by whoever governs it, never by deploying again.
    """

    name: str
    kind: str
    done: Callable[[], bool]
    run: Callable[[], Any]
    kept: Callable[[], bool] = lambda: False


@dataclass(frozen=True)
class Executed:
    """A step as it went: `gas` and `transaction` are zero and empty if it was done already.

    `kept` says that the chain's setting differs from the configuration's, and was left as it is.
    """

    name: str
    kind: str
    gas: int
    transaction: str
    kept: bool = False


def pool_step(protocol: Protocol, pool: Pool, deployer: Any) -> Step:
    """Deploy a pool and record it as `pool.<name>`.

    Anyone may deploy pools of the same coins. One with the same parameters is as good, for the factory gives
    all of them the same code: so a run that died before it recorded its own finds it.
    """
    name = f"pool.{pool.name}"
    book = protocol.book

    def coins() -> list[str]:
        return [str(protocol.token(symbol).address) for symbol in pool.coins]

    def find() -> str | None:
        wanted = (100 * pool.amplification, pool.fee, pool.offpeg_fee_multiplier, pool.ma_seconds)
        factory = protocol.pool_factory
        for at in reversed(range(factory.pool_count_for_coins(*coins()))):
            address = str(factory.find_pool_for_coins(*coins(), at))
            found = contract_at("StableSwap", address)
            has = (found.A_precise(), found.fee(), found.offpeg_fee_multiplier(), found.ma_exp_time())
            if has == wanted and [found.coins(0), found.coins(1)] == coins():
                return address
        return None

    def done() -> bool:
        if name in book.contracts:
            return True
        address = find()
        if address is not None:
            book.record(name, Entry(address, "StableSwap"))
        return address is not None

    def run() -> Any:
        receipt = deploy_pool(protocol, pool, deployer)
        book.record(name, Entry(str(find()), "StableSwap", str(receipt.txn_hash)))
        return receipt

    return Step(f"deploy {name}", "deploy_pool", done, run)


def deploy_pool(protocol: Protocol, pool: Pool, deployer: Any) -> Any:
    """Have the factory deploy a pool; anyone may. Returns Ape's receipt."""
    return protocol.pool_factory.deploy_pool(
        f"{pool.name} pool",
        f"{pool.name}-LP",
        [protocol.token(symbol) for symbol in pool.coins],
        [symbol == SAID for symbol in pool.coins],
        pool.amplification,
        pool.fee,
        pool.offpeg_fee_multiplier,
        pool.ma_seconds,
        sender=deployer,
    )
