"""What `ape console` finds in ape_console_extras.py, by Ape's own way of loading it."""

from __future__ import annotations

import ape
import pytest
from ape_console._cli import _create_namespace

from integrations.fork import console
from integrations.fork.anvil import anvil
from integrations.fork.places import found_places
from integrations.protocol import AccountError, cli
from tests.conftest import ON_FORK, WAD


@pytest.fixture
def namespace(fork):
    """Names of a console that is connected to the fork."""
    return _create_namespace(project=ape.project)


def test_console__has_the_protocol_of_the_local_mainnet(namespace, protocol, people):
    assert namespace["protocol"].gateway.address == protocol.gateway.address
    assert vars(namespace["people"]) == {name: getattr(people, name) for name in console.PEOPLE}


def test_console__has_every_venue_at_hand(namespace, protocol, mainnet):
    venues = namespace["venues"]

    assert venues.addresses == mainnet.venues
    assert [coin.symbol for coin in venues.dollars.coins] == ["AID", "USDC"]
    assert [coin.symbol for coin in venues.shares.coins] == ["sAID", "AID"]
    assert {coin.address for coin in venues.uniswap.coins} == {coin.address for coin in venues.dollars.coins}
    assert venues.uniswap.price("AID", "USDC") == pytest.approx(WAD, rel=1e-9)
    assert venues.pendle.contract.address == mainnet.market
    terms = venues.morpho.terms
    assert (terms.loan.symbol, terms.collateral.symbol, terms.lltv) == ("USDC", "sAID", 86 * 10**16)
    assert terms.oracle == protocol.oracle("USDC").address


def test_console__trades(namespace):
    people, venues, protocol = (namespace[name] for name in ("people", "venues", "protocol"))
    protocol.coin("USDC").token.mint(people.alice, 10**9, sender=people.alice)

    with pytest.raises(Exception, match="out of domain"):
        venues.dollars.swap(people.alice, venues.dollars.quote_in("USDC", "AID", 10**9))


def test_another_mainnet__is_not_taken_for_this_one(fork, mainnet, tmp_path):
    assert found_places(fork) == mainnet.places
    assert found_places(fork, tmp_path) is None
    mainnet.places.write(tmp_path)
    (tmp_path / "other").mkdir()
    mainnet.places.write(tmp_path / "other")
    text = mainnet.book.read_text().replace(fork.get_block(0).hash.hex(), "0x" + "12" * 32)
    (tmp_path / "other" / "deployments.json").write_text(text)
    assert found_places(fork, tmp_path) is None


@pytest.mark.skipif(ON_FORK, reason="there is no bare chain then")
def test_console__on_a_chain_without_an_installation__says_so(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with ape.networks.parse_network_choice("ethereum:local:foundry") as bare:
        assert console.names(bare) == {}

    assert capsys.readouterr().out.startswith("no protocol at hand: no installation on this chain")
    assert console.names(None) == {}


def test_commands__on_the_local_mainnet_itself__know_its_installation_and_its_user(mainnet, people):
    """Its network is Ape's mainnet, where a command would else ask for an account and a configuration."""
    url = mainnet.node.url
    with ape.networks.parse_network_choice(f"ethereum:mainnet:{url}", disconnect_after=True):
        assert cli.find_account(None).address == people.alice.address
        assert cli.load_protocol().config.network == "ethereum:mainnet-fork"
        cli.confirm("nothing to ask", yes=False)


def test_commands__on_another_node_of_chain_id_1__ask_for_an_account(fork):
    with anvil() as other:
        network = f"ethereum:mainnet:{other.url}"
        with (
            ape.networks.parse_network_choice(network, disconnect_after=True),
            pytest.raises(AccountError, match=r"^no account given"),
        ):
            cli.find_account(None)
