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
