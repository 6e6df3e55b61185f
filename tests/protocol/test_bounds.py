"""The table of bounds and the contracts agree: the contracts are asked what they take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ape
import pytest
from ape.exceptions import ApeException
from eth_abi.exceptions import EncodingError
from web3.exceptions import Web3Exception

from integrations.protocol.bounds import BOUNDS, DAY, MOST
from integrations.protocol.config import Governance, NetworkConfig
from integrations.protocol.reports import kind

ONE = 10**10
WAD = 10**18


def takes(call: Callable[[int], Any]) -> Callable[[int], bool]:
    """Whether a call with a value would go through now."""

    def probe(value: int) -> bool:
        try:
            call(value)
        except (ApeException, Web3Exception, EncodingError):
            return False
        return True

    return probe


def interval(probe: Callable[[int], bool], inside: int) -> tuple[int, int]:
    """The least and the most that are taken around a value that is."""
    assert probe(inside)
    step = 1
    while probe(inside + step):
        step *= 2
        assert step < 2**256
    low, high = inside, inside + step  # taken, refused
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if probe(middle) else (low, middle)
    most = low
    low, high = -1, inside  # refused, taken
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if probe(middle) else (middle, high)
    return high, most


@pytest.fixture
def asking(protocol, project, governor, usdc, usdt) -> dict[str, Callable[[int], Any]]:
    """By setting: a call of the governor's that would set it, made without a transaction."""
    # no pair of coins limits a fee: neither feed deviates
    for coin in (usdc, usdt):
        found = protocol.configurator.asset_params(coin)
        flat = {name: getattr(found, name) for name in found.__dataclass_fields__} | {"deviation_bps": 0}
        protocol.configurator.set_asset(coin, flat, sender=governor)
    configurator, vault, factory = protocol.configurator, protocol.staked_aid, protocol.pool_factory
    deals, attestor = protocol.contract("deals"), protocol.contract("attestor")
    params = configurator.asset_params(usdc)
    # fees at their most, so that the pair of coins allows any deviation; the other coin's are as installed
    terms = {name: getattr(params, name) for name in params.__dataclass_fields__}
    limits = deals.limits()
    gates = {name: getattr(limits, name) for name in limits.__dataclass_fields__}
    coins = [protocol.aid, usdc]

    def asset(name: str) -> Callable[[int], Any]:
        return lambda value: configurator.set_asset.call(usdc, {**terms, name: value}, sender=governor)

    def gate(name: str) -> Callable[[int], Any]:
        return lambda value: deals.set_limits.call({**gates, name: value}, sender=governor)

    def pool(place: int, *arguments: int) -> Callable[[int], Any]:
        def call(value: int) -> Any:
            values = [*arguments[:place], value, *arguments[place + 1 :]]
            return factory.deploy_pool.call("P", "P", coins, [False, False], *values, sender=governor)

        return call

    def reserve(name: str) -> Callable[[int], Any]:
        setter = "set_deficit_delta" if name == "deficit_delta_bps" else f"set_{name}"
        return lambda value: getattr(configurator, setter).call(value, sender=governor)

    def report(place: int) -> Callable[[int], Any]:
        def call(value: int) -> Any:
            values = [DAY, 0, 0]
            values[place] = value * DAY if place == 0 else value
            return attestor.set_kind.call(kind("DSCR"), *values, sender=governor)

        return call

    def created(contract: str, *arguments: Any) -> Any:
        """A constructor's answer, without a transaction."""
        data = getattr(project, contract).constructor.serialize_transaction(*arguments).data
        node = ape.chain.provider.web3
        return node.eth.call({"from": governor.address, "data": "0x" + bytes(data).hex()})

    oracle = (vault, protocol.aid, "0x" + "00" * 20, "0x" + "00" * 20, 0)
    who = [[governor], [usdc]]
    asked: dict[str, Callable[[int], Any]] = {
        f"stablecoins.{name}": asset(name)
        for name in ("max_age", "mint_fee_bps", "redeem_fee_bps", "band_bps", "cap")
    }
    asked |= {f"stablecoins.{name}": asset(name) for name in ("mint_capacity", "redeem_capacity")}
    asked |= {
        f"reserve.{name.partition('.')[2]}": reserve(name.partition(".")[2])
        for name in BOUNDS
        if name.startswith("reserve.")
    }
    asked |= {f"credit.gates.{name}": gate(name) for name in gates if name != "paused"}
    return asked | {
        "vaults.cap": lambda value: configurator.set_vault_cap.call(
            protocol.vault("TBILL").token, value, sender=governor
        ),
        "staking.deposit_cap": lambda value: vault.set_deposit_limits.call(value, False, sender=governor),
        "staking.vesting_days": lambda value: vault.set_vesting_period.call(value * DAY, sender=governor),
        "pools.amplification": pool(0, 500, 0, ONE, 866),
        "pools.fee": pool(1, 500, 0, ONE, 866),
        "pools.offpeg_fee_multiplier": pool(2, 500, 0, ONE, 866),
        "pools.ma_seconds": pool(3, 500, 0, ONE, 866),
        "oracles.period": lambda value: created("VaultOracle", *oracle, value, WAD // 100),
        "oracles.max_rise_bps": lambda value: created("VaultOracle", *oracle, DAY, value * WAD // 10_000),
        "credit.attestor_threshold": lambda value: created("Attestor", protocol.roles, value),
        "credit.reports.max_age_days": report(0),
        "credit.reports.max_rise_bps": report(1),
        "credit.reports.max_fall_bps": report(2),
        "governance.min_delay": lambda value: created("Timelock", protocol.roles, value, *who),
    }


#: What has a test of its own: a pair of coins limits it first, or a token has to be made for each value.
APART = {"stablecoins.deviation_bps", "stablecoins.decimals"}


@pytest.mark.parametrize("name", sorted(BOUNDS.keys() - APART))
def test_bounds__are_what_the_contract_takes(asking, name):
    bound = BOUNDS[name]
    assert interval(takes(asking[name]), bound.least + (bound.most > bound.least)) == (
        bound.least,
        bound.most,
    )


def test_bounds__every_one_is_asked(asking):
    assert asking.keys() | APART == BOUNDS.keys()


def test_bounds__of_decimals__are_what_the_contract_takes(protocol, project, governor, usdc, usdc_feed):
    params = protocol.configurator.asset_params(usdc)

    def add(decimals: int) -> Any:
        token = governor.deploy(project.Stablecoin, "Coin", "COIN", decimals)
        return protocol.configurator.add_asset.call(token, params, sender=governor)

    bound = BOUNDS["stablecoins.decimals"]
    assert interval(takes(add), 6) == (bound.least, bound.most)


def test_bounds__of_a_feeds_deviation__bind_whatever_the_fees(protocol, governor, usdc):
    """What fees leave open is bounded by a share of the reserve a day: no deviation is refused for them."""
    params = protocol.configurator.asset_params(usdc)
    terms = {name: getattr(params, name) for name in params.__dataclass_fields__}
    most = BOUNDS["stablecoins.deviation_bps"].most
    protocol.configurator.set_asset.call(usdc, {**terms, "deviation_bps": most}, sender=governor)
    with ape.reverts("band too wide"):
        protocol.configurator.set_asset.call(usdc, {**terms, "deviation_bps": most + 1}, sender=governor)


def test_bounds__of_lists__are_the_contracts(protocol, project, governor):
    assert protocol.configurator.MAX_ASSETS() == MOST["stablecoins"]
    assert protocol.configurator.MAX_VAULTS() == MOST["vaults"]
    accounts = [f"0x{n:040x}" for n in range(1, 40)]
    for proposers, cancellers, fits in ((16, 16, True), (17, 1, False), (1, 17, False)):
        arguments = (protocol.roles, DAY, accounts[:proposers], accounts[20 : 20 + cancellers])
        if fits:
            governor.deploy(project.Timelock, *arguments)
        else:
            with pytest.raises(Exception):  # noqa: B017  an encoder's or the node's
                governor.deploy(project.Timelock, *arguments)


def fields(model: Any, prefix: str = "") -> dict[str, Any]:
    """Places of the integers of a configuration's model, with their bounds."""
    found: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        place = f"{prefix}{name}"
        for part in _models(info.annotation):
            found |= fields(part, f"{place}.")
        if info.annotation is int:
            found[place] = {type(m).__name__: getattr(m, "ge", getattr(m, "le", None)) for m in info.metadata}
    return found


def _models(annotation: Any) -> list[Any]:
    parts = [annotation, *getattr(annotation, "__args__", ())]
    return [part for part in parts if isinstance(part, type) and hasattr(part, "model_fields")]


def test_bounds__every_integer_of_a_configuration_has_them():
    found = fields(NetworkConfig)
    # of a chain, and of a mock
    assert found.keys() - {"chain_id", "vaults.mock_rate_bps"} == BOUNDS.keys()
    for name, bound in BOUNDS.items():
        assert found[name] == {"Ge": bound.least, "Le": bound.most}, name
    assert Governance.model_fields["proposers"].metadata[-1].max_length == MOST["governance.proposers"]
