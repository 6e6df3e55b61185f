"""The LP token's transfers and EIP-2612 permits: who may, once, until when."""

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from tests.support.pool_bench import PROVIDER, WAIT, Reverted
from tests.support.pools import ENDLESS

SIGNER = Account.from_key("0x" + "a1" * 32)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
ZERO = "0x" + "00" * 20


def signed(
    bench, project, *, value=10**18, nonce=0, deadline=ENDLESS, pool=None, chain_id=None, spender="alice"
):
    """A permit of SIGNER, and the call that uses it."""
    contract = project.StableSwap.at(pool or bench.pool.address)
    message = {
        "types": {
            "EIP712Domain": [
                *({"name": n, "type": "string"} for n in ("name", "version")),
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
                {"name": "salt", "type": "bytes32"},
            ],
            "Permit": [
                *({"name": n, "type": "address"} for n in ("owner", "spender")),
                *({"name": n, "type": "uint256"} for n in ("value", "nonce", "deadline")),
            ],
        },
        "primaryType": "Permit",
        "domain": {
            "name": contract.name(),
            "version": contract.version(),
            "chainId": chain_id or int(bench.node.rpc("eth_chainId"), 16),
            "verifyingContract": pool or bench.pool.address,
            "salt": bytes(contract.salt()),
        },
        "message": {
            "owner": SIGNER.address,
            "spender": bench.people[spender],
            "value": value,
            "nonce": nonce,
            "deadline": deadline,
        },
    }
    signature = SIGNER.sign_message(encode_typed_data(full_message=message))
    return SIGNER.address, bench.people[spender], value, deadline, signature.v, signature.r, signature.s


def call(bench, permit, **changed):
    owner, spender, value, deadline, v, r, s = permit
    words = [word.to_bytes(32, "big") for word in (changed.get("r", r), changed.get("s", s))]
    return bench.pool.permit(
        *(owner, changed.get("spender", spender), changed.get("value", value), deadline, changed.get("v", v)),
        *words,
    )


def test_permit__signed_by_the_owner__lets_the_spender_send_once(plain, project):
    permit = signed(plain, project)
    plain.do("mallory", call(plain, permit))
    allowance, nonce = (
        plain.pool.allowance(SIGNER.address, plain.people["alice"]),
        plain.pool.nonces(SIGNER.address),
    )
    assert plain.read(allowance, nonce) == [10**18, 1]
    # again: the nonce is spent
    assert plain.read(call(plain, permit)) == [Reverted("bad signature")]
    plain.do(PROVIDER, plain.pool.transfer(SIGNER.address, 10**18))
    plain.do("alice", plain.pool.transferFrom(SIGNER.address, plain.people["bob"], 10**18))
    assert plain.held("bob")[2] == 10**18
    assert plain.get(allowance) == 0


@pytest.mark.parametrize("what", ["value", "spender", "chain", "pool", "nonce", "malleable", "recovery id"])
def test_permit__changed_in_any_way__is_refused(plain, world, project, what):
    permit = signed(plain, project)
    s = permit[6]
    changed = {
        "value": lambda: call(plain, permit, value=10**18 + 1),
        "spender": lambda: call(plain, permit, spender=plain.people["mallory"]),
        "chain": lambda: call(plain, signed(plain, project, chain_id=5)),
        "pool": lambda: call(plain, signed(plain, project, pool=world.pools["6-18"].pool.address)),
        "nonce": lambda: call(plain, signed(plain, project, nonce=1)),
        # the other of the two signatures that recover to the same address
        "malleable": lambda: call(plain, permit, s=ORDER - s, v=55 - permit[4]),
        "recovery id": lambda: call(plain, permit, v=55 - permit[4]),
    }
    assert plain.read(changed[what]()) == [Reverted("bad signature")]


def test_permit__past_its_deadline_or_of_nobody__is_refused(plain, project):
    late = signed(plain, project, deadline=plain.node.time + WAIT - 1)
    assert plain.read(call(plain, late)) == [Reverted("deadline passed")]
    empty = bytes(32)
    nobody = plain.pool.permit(ZERO, plain.people["alice"], 1, ENDLESS, 27, empty, empty)
    assert plain.read(nobody) == [Reverted("zero address")]


def test_transfer__of_more_than_there_is_or_to_nobody__is_refused(plain):
    pool, lp = plain.pool, plain.held(PROVIDER)[2]
    alice, dave = plain.people["alice"], plain.people[PROVIDER]
    assert plain.read(pool.transfer(alice, lp + 1), pool.transfer(ZERO, 1), who=PROVIDER) == [
        Reverted("balance"),
        Reverted("zero address"),
    ]
    assert plain.read(pool.transferFrom(dave, alice, 1), who="mallory") == [Reverted("allowance")]
    # what is locked belongs to an address that nobody speaks for
    assert plain.read(pool.transferFrom(ZERO, alice, 1), who="mallory") == [Reverted("allowance")]


def test_transfer_from__endless_allowance__is_not_spent(plain):
    alice, dave = plain.people["alice"], plain.people[PROVIDER]
    plain.do(PROVIDER, plain.pool.approve(alice, ENDLESS))
    plain.do("alice", plain.pool.transferFrom(dave, alice, 5))
    assert plain.get(plain.pool.allowance(dave, alice)) == ENDLESS
    assert plain.held("alice")[2] == 5
