"""Network configurations: the shipped ones are valid, and a fault is named by file, field and expectation."""

import pytest
import yaml

from integrations.protocol import ConfigError, load_config
from integrations.protocol.config import NETWORKS


def changed(tmp_path, network, change):
    data = yaml.safe_load((NETWORKS / f"{network}.yaml").read_text())
    change(data)
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(data))
    return path


@pytest.mark.parametrize("network", ["local", "mainnet-fork", "sepolia", "mainnet"])
def test_shipped_configuration__is_valid(network):
    config = load_config(network)
    assert config.network.endswith(network)
    assert config.live == (network in {"sepolia", "mainnet"})


@pytest.mark.parametrize(
    ("network", "change", "message"),
    [
        ("local", lambda d: d.pop("chain_id"), "mine.yaml: chain_id: Field required"),
        ("local", lambda d: d.update(chainid=1), "chainid: Extra inputs are not permitted"),
        ("local", lambda d: d["stablecoins"][1].update(symbol="USDC"), "symbols must differ"),
        ("local", lambda d: d["stablecoins"][0].update(decimals=19), "stablecoins.0.decimals: .*18 .got 19"),
        (
            "local",
            lambda d: d["stablecoins"][0].update(deviation_bps=11),
            "must reach their feeds' deviation",
        ),
        ("local", lambda d: d["vaults"][0].update(asset="DAI"), "vault TBILL: asset 'DAI' is not one of"),
        ("local", lambda d: d.update(live=True), "a live network takes no mocks: give addresses for USDC"),
        ("mainnet", lambda d: d["stablecoins"][0].pop("feed"), "give both token and feed, or neither"),
        ("mainnet", lambda d: d["stablecoins"][0].update(token="0xabc"), "expected a checksummed address"),
        ("local", lambda d: d.update(reserve={"deficit_delta_bps": 51}), "reserve.deficit_delta_bps: .*50"),
        ("local", lambda d: d["pools"][0].update(coins=["AID", "DAI"]), "pool AID-DAI: 'DAI' is not one of"),
        ("local", lambda d: d["pools"][0].update(coins=["AID", "AID"]), "give two different tokens"),
        (
            "local",
            lambda d: d["oracles"].append({"loan": "USDT"}),
            "there is no pool of AID and USDT",
        ),
        ("local", lambda d: d["oracles"].append(d["oracles"][0]), "oracles must differ, got .*'sAID-USDC'"),
        ("local", lambda d: d["oracles"][0].update(period=60), "oracles.0.period: .*3600"),
        ("local", lambda d: d["pools"].append(d["pools"][0]), "pools must differ, got .*'AID-USDC'"),
        ("local", lambda d: d["pools"][0].update(fee=10**8 + 1), "pools.0.fee: .*100000000"),
        (
            "local",
            lambda d: d["pools"][0].update(fee=10**8, offpeg_fee_multiplier=51 * 10**10),
            "fee times multiplier may be at most a half",
        ),
    ],
)
def test_load__what_does_not_fit__is_named(tmp_path, network, change, message):
    path = changed(tmp_path, network, change)
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(path)
    assert "\n" not in str(caught.value)


def test_load__no_such_network__lists_the_shipped_ones():
    with pytest.raises(
        ConfigError, match=r"no configuration for goerli .*local, mainnet, mainnet-fork, sepolia"
    ):
        load_config("goerli")


def test_load__not_yaml__names_the_line(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("network: x\n  chain_id: [\n")
    with pytest.raises(ConfigError, match=r"mine\.yaml:2: not YAML"):
        load_config(path)


# a live network: one captured key must not hold it

KEYS = [f"0x{n:040d}" for n in range(1, 10)]  # digits alone are their own checksum


def live(data, **changes):
    """A live configuration that is complete, with changes to its timelock and roles."""
    data["governance"] = {"min_delay": 172_800, "proposers": KEYS[:2], "cancellers": KEYS[2:4]}
    data["roles"] = {"guardian": [KEYS[4]], "treasurer": [KEYS[5]]}
    for place, value in changes.items():
        part, name = place.split("__")
        data[part][name] = value


def test_live__with_two_proposers_two_cancellers_a_guardian_and_two_days__is_valid(tmp_path):
    config = load_config(changed(tmp_path, "sepolia", live))
    config.require_deployable()
    assert [place for _, place in config.holders()] == [
        "roles.guardian",
        "roles.treasurer",
        *["governance.proposers"] * 2,
        *["governance.cancellers"] * 2,
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"governance__min_delay": 172_799}, r"governance.min_delay: a live network needs at least 172800"),
        ({"governance__min_delay": 0}, r"governance.min_delay: a live network needs at least 172800"),
        ({"governance__cancellers": KEYS[2:3]}, "governance.cancellers: a live network needs at least 2"),
        ({"governance__proposers": KEYS[:1]}, "governance.proposers: a live network needs at least 2"),
        ({"governance__cancellers": KEYS[1:3]}, "is given twice: whoever cancels does not propose"),
        ({"governance__executors": KEYS[:1]}, "anyone executes: remove `executors`, and name `cancellers`"),
        ({"roles__guardian": []}, "roles.guardian: a live network needs one"),
        (
            {"roles__guardian": KEYS[:1]},
            "is in roles.guardian and governance.proposers: a live network needs different keys",
        ),
        ({"roles__treasurer": KEYS[4:5]}, "is in roles.guardian and roles.treasurer"),
        ({"roles__credit": ["0x" + "00" * 20]}, "roles.credit.0: .*an address other than zero"),
    ],
)
def test_live__with_keys_that_could_hold_it__is_refused(tmp_path, changes, message):
    with pytest.raises(ConfigError, match=message):
        load_config(changed(tmp_path, "sepolia", lambda data: live(data, **changes)))


def test_local__may_have_a_short_delay_and_one_key_for_several_roles(tmp_path):
    def keys(data):
        data["governance"] = {"min_delay": 0, "proposers": KEYS[:1], "cancellers": KEYS[1:2]}
        data["roles"] = {"guardian": KEYS[:1], "credit": KEYS[:1]}

    assert load_config(changed(tmp_path, "local", keys)).governance.min_delay == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda d: d["stablecoins"][1].update(token=d["stablecoins"][0]["token"]),
            "an address is given twice",
        ),
        (lambda d: d["stablecoins"][0].update(cap=2**48), "stablecoins.0.cap: .*281474976710655"),
        (lambda d: d["stablecoins"][0].update(mint_capacity=2**44), "mint_capacity: .*17592186044415"),
        (lambda d: d["stablecoins"][0].update(deviation_bps=501), "deviation_bps: .*500"),
        (lambda d: d.update(reserve={"buffer_bps": 1_001}), "reserve.buffer_bps: .*1000"),
        (lambda d: d.update(reserve={"max_growth_bps": 2_001}), "reserve.max_growth_bps: .*2000"),
        (lambda d: d.update(reserve={"total_cap": 2**48}), "reserve.total_cap: .*281474976710655"),
        (lambda d: d.update(staking={"deposit_cap": 2**48}), "staking.deposit_cap: .*281474976710655"),
    ],
)
def test_load__what_a_contract_would_refuse_in_mid_deployment__is_refused_here(tmp_path, change, message):
    with pytest.raises(ConfigError, match=message):
        load_config(changed(tmp_path, "mainnet", change))
