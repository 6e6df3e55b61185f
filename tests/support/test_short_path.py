"""The tests' short path to the node says what Ape's own way says."""

import ape
import pytest

from tests.support.isolation import isolated
from tests.support.short_path import ShortReceipt


@pytest.fixture
def views(protocol, alice):
    """A view of each kind of result: words, text, a struct, lists, several values."""
    return [
        (protocol.aid.totalSupply,),
        (protocol.aid.gateway,),
        (protocol.aid.is_protected, protocol.staked_aid),
        (protocol.aid.name,),
        (protocol.aid.DOMAIN_SEPARATOR,),
        (protocol.aid.eip712Domain,),
        (protocol.gateway.assets,),
        (protocol.gateway.backing,),
        (protocol.configurator.asset_params, protocol.coin("USDC").token),
        (protocol.configurator.vault_position, protocol.vault("TBILL").token),
        (protocol.staked_aid.deposit_limits,),
        (protocol.lens.snapshot, [alice, protocol.gateway]),
    ]


def apes(method, *args, **kwargs):
    """A call by Ape's own way."""
    return type(method).__call__.__wrapped__(method, *args, **kwargs)


def test_the_short_path__is_in_place(usdc, alice):
    assert isinstance(usdc.transfer(alice, 1, sender=alice), ShortReceipt)
    assert not isinstance(apes(usdc.transfer, alice, 1, sender=alice), ShortReceipt)


def test_view__of_any_kind__returns_what_ape_returns(views):
    for method, *args in views:
        assert method(*args) == apes(method, *args), method


def test_transaction__has_the_receipt_that_ape_gives(gateway, usdc, alice):
    with isolated():
        short = gateway.mint(usdc, 10**9, 0, sender=alice)
    with isolated():
        ours = apes(gateway.mint, usdc, 10**9, 0, sender=alice)
    assert list(short.events) == list(ours.events)
    assert len(short.events) == 3
    for field in ("gas_used", "status", "failed", "sender", "receiver", "data", "contract_address"):
        assert getattr(short, field) == getattr(ours, field), field


def test_transaction__by_a_contract__is_sent(protocol, aid, gateway, alice):
    receipt = aid.mint(alice, 5, sender=gateway)
    assert receipt.sender == gateway.address
    assert aid.balanceOf(alice) == 5


def test_return_value__is_what_the_call_returned(gateway, usdc, alice):
    quoted = gateway.quote_mint(usdc, 10**9)
    assert gateway.mint(usdc, 10**9, 0, sender=alice).return_value == quoted


@pytest.mark.parametrize("way", ["short", "Ape's"])
def test_refusal__carries_its_reason(aid, gateway, usdc, alice, dave, way):
    def call(method, *args, **kwargs):
        return (method if way == "short" else lambda *a, **k: apes(method, *a, **k))(*args, **kwargs)

    with ape.reverts("kyc required"):
        call(gateway.mint, usdc, 1, 0, sender=dave)
    with ape.reverts("kyc required"):
        call(gateway.mint.call, usdc, 1, 0, sender=dave)
    with ape.reverts("erc20: insufficient allowance"):
        call(aid.transferFrom, alice, dave, 1, sender=dave)
    with ape.reverts("Transaction failed."):
        call(usdc.mint, alice, 2**256 - 1, sender=alice)  # the supply overflows


def test_deploying__takes_one_transaction(project, dave):
    nonce = dave.nonce
    token = dave.deploy(project.Stablecoin, "Coin", "COIN", 6)
    assert (token.symbol(), token.decimals()) == ("COIN", 6)
    assert dave.nonce == nonce + 1


def test_argument__of_the_wrong_kind__is_refused_before_anything_is_sent(usdc, alice):
    nonce = alice.nonce
    with pytest.raises(Exception, match="cannot be encoded"):
        usdc.transfer(alice, -1, sender=alice)
    assert alice.nonce == nonce
