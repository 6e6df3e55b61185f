"""Pools on the test chain driven by raw JSON-RPC, and the exact model beside them.

A `Bench` is one pool: its calls return plain integers or raise `Reverted`, its twin is the model of what it
stores now, `WAIT` seconds later. Tests compare the two, or ask independent questions of either.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from integrations.simulation import PoolError, PoolParameters, PoolState, StableSwapModel
from tests.support.fast import Call, Contract, Node, fast
from tests.support.pools import ENDLESS, FEE, MA_TIME, OFFPEG, WAD, PoolStage

#: Seconds between one transaction and the next.
WAIT = 12
#: Slot of the first packed word: the LP token's three maps come before.
FIRST_SLOT = 3
GAS = hex(12_000_000)
BILLION = 10**9
USERS = ("alice", "bob", "carol", "dave", "mallory")
#: Who provides what a pool is seeded with.
PROVIDER = "dave"


class Reverted(Exception):  # noqa: N818
    """A refused call."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reverted) and other.reason == self.reason

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Coin:
    """A kind of coin.

    Attributes:
        decimals: Of the token.
        price: Of a vault's share in its asset, 18 decimals; 0 for a plain coin.
        mock: Name of the contract.
    """

    decimals: int
    price: int = 0
    mock: str = "Stablecoin"


PLAIN_18 = Coin(18)
PLAIN_8 = Coin(8)
PLAIN_6 = Coin(6)
NO_RETURN = Coin(6, mock="TetherLike")
SHARE_18 = Coin(18, 1_050_000 * 10**12)
SHARE_8 = Coin(8, 2_718_281 * 10**12)
HOSTILE = Coin(18, mock="HostileToken")

#: All decimals and kinds of coins, two at a time.
KINDS: dict[str, tuple[Coin, Coin]] = {
    "18-18": (PLAIN_18, PLAIN_18),
    "6-18": (PLAIN_6, PLAIN_18),
    "8-6": (PLAIN_8, PLAIN_6),
    "no return-18": (NO_RETURN, PLAIN_18),
    "6-share": (PLAIN_6, SHARE_18),
    "share-share": (SHARE_8, SHARE_18),
}


@dataclass
class Bench:
    """One pool.

    Attributes:
        node: The chain.
        pool: The pool's calls.
        coins: Its coins' calls.
        parameters: What it was deployed with.
        people: Addresses by name: `USERS`, "governor", "receiver" (of fees).
        kinds: Its coins' kinds.
    """

    node: Node
    pool: Contract
    coins: tuple[Contract, Contract]
    parameters: PoolParameters
    people: dict[str, str]
    kinds: tuple[Coin, Coin]

    # calls

    def read(self, *calls: Call, wait: int = WAIT, who: str = "alice") -> list[Any]:
        """What calls would return `wait` seconds from now; a refusal is its `Reverted`."""
        when = {"time": hex(self.node.time + wait)}
        sender = self.people.get(who, who)
        asked = [
            ("eth_call", [{"from": sender, "to": call.to, "data": call.data, "gas": GAS}, "latest", {}, when])
            for call in calls
        ]
        return [_answer(call, got) for call, got in zip(calls, self.node.rpc_many(asked), strict=True)]

    def get(self, call: Call, wait: int = WAIT, who: str = "alice") -> Any:
        """What one call would return; raises its `Reverted`."""
        (answer,) = self.read(call, wait=wait, who=who)
        if isinstance(answer, Reverted):
            raise answer
        return answer

    def do(self, who: str, call: Call, wait: int = WAIT) -> Any:
        """Send a transaction, mined `wait` seconds from now; returns what the call returns."""
        answer = self.get(call, wait, who)
        receipt = self.send(who, call, wait)
        assert receipt["status"] == "0x1"
        return answer

    def send(self, who: str, call: Call, wait: int = WAIT) -> dict[str, Any]:
        """Send a transaction without asking first; returns its receipt."""
        self.node.rpc("evm_setNextBlockTimestamp", hex(self.node.time + wait))
        transaction = {"from": self.people.get(who, who), "to": call.to, "data": call.data, "gas": GAS}
        return _mined(self.node, transaction)

    def pass_time(self, seconds: int) -> None:
        self.node.mine(self.node.time + seconds)

    # state

    def words(self) -> list[int]:
        """The packed words, as they are stored."""
        slots = range(FIRST_SLOT, FIRST_SLOT + 5)
        asked = [("eth_getStorageAt", [self.pool.address, hex(slot), "latest"]) for slot in slots]
        return [int(word, 16) for word in self.node.rpc_many(asked)]

    def state(self) -> PoolState:
        return PoolState.from_words(self.words())

    def twin(self, wait: int = WAIT) -> StableSwapModel:
        """The model as the pool will be `wait` seconds from now, if nothing happens before."""
        model = StableSwapModel(self.parameters, self.node.time + wait, self.state())
        for i, kind in enumerate(self.kinds):
            if kind.price:
                model.assets[i] = self.get(self.coins[i].price())
        return model

    def held(self, who: str) -> tuple[int, int, int]:
        """Somebody's coins and LP tokens."""
        address = self.people.get(who, who)
        calls = [token.balanceOf(address) for token in (*self.coins, self.pool)]
        b0, b1, lp = self.read(*calls)
        return b0, b1, lp

    def unaccounted(self) -> tuple[int, int]:
        """What the pool holds of each coin beyond what it owes."""
        state = self.state()
        held = self.held(self.pool.address)
        extra = [held[i] - state.balances[i] - state.admin_balances[i] for i in (0, 1)]
        return extra[0], extra[1]

    def locked(self) -> int:
        """LP tokens that nobody can ever redeem."""
        return self.parameters.minimum_supply

    # amounts

    def units(self, i: int, value: int) -> int:
        """Token units of coin `i` that are worth `value` wei of 18 decimals (down)."""
        return value * WAD // self.rates()[i]

    def rates(self) -> list[int]:
        rates: list[int] = self.get(self.pool.stored_rates())
        return rates

    def worth(self, amounts: Sequence[int]) -> int:
        """Value of both coins' units, 18 decimals."""
        return sum(a * r for a, r in zip(amounts, self.rates(), strict=True)) // WAD

    # what happens often

    def move_price(self, i: int, factor: float, wait: int = WAIT) -> None:
        """Multiply a vault's price."""
        price = int(self.get(self.coins[i].price()) * factor)
        self.do("alice", self.coins[i].set_price(price), wait)

    def lean(self, i: int, share: float, who: str = "carol") -> int:
        """Sell `share` of the pool's value in coin `i`, so that it leans there; returns what was bought."""
        dx = self.units(i, int(share * self.worth(self.state().balances) / 2))
        bought: int = self.do(who, self.pool.exchange(i, 1 - i, dx, 0))
        return bought


def said(thunk: Any) -> Any:
    """What the model returns; its refusal is the contract's `Reverted`."""
    try:
        return thunk()
    except PoolError as error:
        return Reverted(error.reason)


class Benches:
    """Makes benches; coins of one kind are shared by the pools of all kinds that have them.

    Args:
        stage: Deploys.
        people: Ape's accounts by name.
        node: The chain.
    """

    def __init__(self, stage: PoolStage, people: Any, node: Node) -> None:
        self._stage = stage
        self.node = node
        self.people = {name: str(getattr(people, name).address) for name in USERS}
        self.people |= {"governor": str(people.governor.address), "receiver": str(stage.fee_receiver.address)}
        self.factory = fast(stage.factory)

    def token(self, kind: Coin) -> Any:
        """A new token of a kind."""
        stage = self._stage
        if kind.price:
            return stage.vault(kind.price, kind.decimals)
        if kind.mock == "HostileToken":
            return stage.deployer.deploy(stage.project.HostileToken, kind.decimals)
        if kind.mock == "TetherLike":
            return stage.deployer.deploy(stage.project.TetherLike)
        return stage.token(kind.decimals)

    def make(
        self,
        kinds: tuple[Coin, Coin] = KINDS["18-18"],
        seed: int | tuple[int, int] = 10**6,
        *,
        A: int = 1_000,
        fee: int = FEE,
        offpeg: int = OFFPEG,
        ma_time: int = MA_TIME,
    ) -> Bench:
        """A pool, everybody funded with a billion of each coin.

        Args:
            kinds: Of its coins.
            seed: Whole units of value of each coin that `PROVIDER` deposits; 0 leaves the pool empty.
            A: Amplification.
            fee: At the peg, 1e10 = one.
            offpeg: Off-peg multiplier, 1e10 = one.
            ma_time: Period of the price average, seconds.
        """
        tokens = [self.token(kind) for kind in kinds]
        parameters = PoolParameters(
            decimals=(kinds[0].decimals, kinds[1].decimals),
            vaults=(bool(kinds[0].price), bool(kinds[1].price)),
            amplification=A,
            fee=fee,
            offpeg_multiplier=offpeg,
            ma_exp_time=ma_time,
            assets=(kinds[0].price or WAD, kinds[1].price or WAD),
        )
        receipt = self._stage.factory.deploy_pool(
            *(
                "Pool",
                "LP",
                [token.address for token in tokens],
                list(parameters.vaults),
                A,
                fee,
                offpeg,
                ma_time,
            ),
            sender=self._stage.deployer,
        )
        address = receipt.events.filter(self._stage.factory.PoolDeployed)[0].pool
        pool = Contract(
            address, [entry.model_dump() for entry in self._stage.project.StableSwap.contract_type.abi]
        )
        coins = (fast(tokens[0]), fast(tokens[1]))
        bench = Bench(self.node, pool, coins, parameters, self.people, kinds)
        for who in USERS:
            for coin, kind in zip(coins, kinds, strict=True):
                self._send(who, coin.mint(self.people[who], BILLION * 10**kind.decimals))
                self._send(who, coin.approve(pool.address, ENDLESS))
        if seed:
            seeds = (seed, seed) if isinstance(seed, int) else seed
            amounts = [bench.units(i, whole * WAD) for i, whole in enumerate(seeds)]
            bench.do(PROVIDER, pool.add_liquidity(amounts, 0))
        return bench

    def _send(self, who: str, call: Call) -> None:
        transaction = {"from": self.people[who], "to": call.to, "data": call.data, "gas": GAS}
        assert _mined(self.node, transaction)["status"] == "0x1"


def _mined(node: Node, transaction: dict[str, Any]) -> dict[str, Any]:
    """Send a transaction to a node that mines each at once; its receipt."""
    sent = node.rpc("eth_sendTransaction", transaction)
    for _ in range(2_000):
        receipt: dict[str, Any] | None = node.rpc("eth_getTransactionReceipt", sent)
        if receipt is not None:
            return receipt
        time.sleep(0.001)
    raise TimeoutError(f"{sent} was not mined")


def _answer(call: Call, answer: Any) -> Any:
    if isinstance(answer, RuntimeError):
        return Reverted(str(answer).removeprefix("execution reverted").removeprefix(": "))
    return call.decoded(bytes.fromhex(answer[2:])) if call.outputs else None
