"""Quotes in states that no traffic would reach in a test: written into storage, compared with the model."""

from __future__ import annotations

import random
from pathlib import Path

import ape
import pytest

from integrations.protocol.artifacts import layout_of
from tests.conftest import LONG
from tests.pool.model import MAX_IMBALANCE, WAD, Pool, RefusedError
from tests.support.fast import Node, fast

ROUNDS = 2_000 if LONG else 150
BALANCES, PARAMETERS, SUPPLY = "_balances", "_parameters", "_supply"
LARGEST = 10**31


@pytest.fixture(scope="module")
def slots(project):
    """Storage slots of the packed words, by name."""
    layout = layout_of(Path(project.path), "StableSwap")["storage_layout"]["pool_state"]
    return {name: entry["slot"] for name, entry in layout.items()}


class Written:
    """A pool whose words are written, and the model of it."""

    def __init__(self, pool, slots):
        self.pool, self.slots = pool, slots
        self.call, self.node = fast(pool), Node(ape.chain.provider.uri)
        self.rates = tuple(pool.stored_rates())
        self._parameters = self._read(PARAMETERS)

    def _read(self, name: str) -> int:
        slot = hex(self.slots[name])
        return int(self.node.rpc("eth_getStorageAt", str(self.pool.address), slot, "latest"), 16)

    def write_word(self, name: str, word: int) -> None:
        slot, value = f"0x{self.slots[name]:064x}", f"0x{word:064x}"
        self.node.rpc("anvil_setStorageAt", str(self.pool.address), slot, value)

    def write(self, state: Pool) -> None:
        a = state.ann // 2
        kept = self._parameters >> 191 << 191
        self.write_word(PARAMETERS, kept | a | a << 27 | state.fee << 118 | state.multiplier << 151)
        self.write_word(BALANCES, state.balances[0] | state.balances[1] << 112 | 1 << 224)
        self.write_word(SUPPLY, state.supply | 1 << 224)

    def ask(self, name: str, *args):
        try:
            return self.node.view(getattr(self.call, name)(*args))
        except RuntimeError as refusal:
            return str(refusal)


@pytest.fixture(
    scope="module",
    params=[((18, None), (6, None)), ((0, None), (18, None)), ((8, 3_141_592), (18, WAD // 3))],
    ids=["18/6", "0/18", "vault 8/vault 18"],
)
def written(request, make_pool, make_token, make_vault, slots):
    coins, vaults = [], []
    for decimals, price in request.param:
        coins.append(
            make_token(decimals) if price is None else make_vault(price, decimals, 6 if decimals == 8 else 18)
        )
        vaults.append(price is not None)
    return Written(make_pool(coins, vaults=vaults), slots)


def _state(rng: random.Random, rates: tuple[int, int]) -> Pool:
    """Anything on the domain: values up to 1e31, unequal up to 1e9 : 1, A from 1 to 1e6, any fees."""
    large = int(10 ** rng.uniform(6, 31))
    values = [large, max(1, int(large / 10 ** rng.choice([rng.uniform(0, 0.3), rng.uniform(0, 8.9)])))]
    rng.shuffle(values)
    balances = tuple(max(-(-WAD // r), v * WAD // r) for v, r in zip(values, rates, strict=True))
    fee = rng.randrange(10**8)
    state = Pool(
        balances=balances,
        rates=rates,
        ann=2 * int(100 * 10 ** rng.uniform(0, 6)),
        fee=fee,
        multiplier=rng.choice([0, 2 * 10**10, min(2**40 - 1, 5 * 10**19 // max(fee, 1))]),
    )
    return Pool(**{**vars(state), "supply": max(1, state.d * rng.randrange(80, 101) // 100)})


def _refused(answer) -> bool:
    return isinstance(answer, str) and "imbalance" in answer


def test_quotes__in_any_state__are_the_models(written):
    rng = random.Random(written.rates[0])
    asked = 0
    for _ in range(ROUNDS):
        state = _state(rng, written.rates)
        if max(state.values) > MAX_IMBALANCE * min(state.values):
            continue
        written.write(state)
        i = rng.randrange(2)
        part = [max(1, int(b * 10 ** rng.uniform(-9, 0.5))) for b in state.balances]
        burn = max(1, int(state.supply * 10 ** rng.uniform(-9, -0.01)))
        some = [min(part[0], state.balances[0] - 1), min(part[1], state.balances[1] - 1)]
        some[rng.randrange(2)] //= rng.choice([1, 10**30])
        for name, args, model in [
            ("get_dy", (i, 1 - i, part[i]), lambda s=state, p=part, i=i: s.swap(i, p[i])[0]),
            ("calc_token_amount", (part, True), lambda s=state, p=part: s.add((p[0], p[1]))[0]),
            ("calc_token_amount", (some, False), lambda s=state, p=some: s.remove_imbalance((p[0], p[1]))[0]),
            ("calc_withdraw_one_coin", (burn, i), lambda s=state, b=burn, i=i: s.remove_one(i, b)[0]),
        ]:
            if name == "calc_token_amount" and not any(args[0]):
                continue
            answer = written.ask(name, *args)
            try:
                expected = model()
            except (RefusedError, ZeroDivisionError):
                assert _refused(answer) or "domain" in answer, (name, args, state)
                continue
            if expected <= 0 and isinstance(answer, str):
                assert "zero shares" in answer, (name, args, state)
                continue
            assert answer == expected, (name, args, state)
            asked += 1
    assert asked > 2 * ROUNDS


def test_fees__beyond_the_protocols_counter__stay_with_the_lps(make_pool, slots, alice, bob):
    pool = make_pool(seed=10**7, owner=alice, traders=[bob])
    room = 5
    full = Written(pool, slots)
    full.write_word("_upkeep", (2**88 - 1 - room) << 88 | WAD << 176)
    state = Pool(
        balances=tuple(pool.get_balances()),
        rates=full.rates,
        supply=pool.totalSupply(),
        admin=(0, pool.admin_balances(1)),
    )
    paid, after = state.swap(0, 10**5 * WAD)
    assert pool.exchange(0, 1, 10**5 * WAD, 0, sender=bob).return_value == paid
    assert pool.admin_balances(1) == after.admin[1] == 2**88 - 1
    assert tuple(pool.get_balances()) == after.balances


def test_get_dx__of_one_wei__is_never_nothing(written):
    rng = random.Random(3)
    for _ in range(ROUNDS):
        state = _state(rng, written.rates)
        if max(state.values) > MAX_IMBALANCE * min(state.values):
            continue
        written.write(state)
        i = rng.randrange(2)
        dx = written.ask("get_dx", i, 1 - i, 1)
        if isinstance(dx, int):
            assert dx >= 1
            assert state.swap(i, dx)[0] >= 1


def test_get_dx__in_any_state__is_confirmed_by_get_dy_and_least(written):
    rng = random.Random(written.rates[1])
    found = 0
    for _ in range(ROUNDS):
        state = _state(rng, written.rates)
        if max(state.values) > MAX_IMBALANCE * min(state.values):
            continue
        written.write(state)
        i = rng.randrange(2)
        out = max(1, int(state.balances[1 - i] * 10 ** rng.uniform(-9, -0.001)))
        dx = written.ask("get_dx", i, 1 - i, out)
        if isinstance(dx, str):
            assert "out too large" in dx or "imbalance" in dx or "balance cap" in dx, (i, out, state)
            # a third of the coin is to be had wherever the pool would not end too unequal
            assert 3 * out > state.balances[1 - i] or max(state.values) > 10**6 * min(state.values)
            continue
        found += 1
        assert state.swap(i, dx)[0] >= out, (i, out, state)
        if dx > 1:
            assert state.swap(i, dx - 1)[0] < out, (i, out, state)
    assert found > ROUNDS // 2
