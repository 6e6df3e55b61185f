"""Deploying: idempotent, resumable, and checked against the chain rather than against a journal."""

import ape
import pytest

from integrations.protocol import (
    AddressBook,
    AddressBookError,
    ConfigError,
    NetworkError,
    Protocol,
    Role,
    load_config,
)
from integrations.protocol.config import Governance, Holders
from integrations.protocol.deployment import Deployment
from integrations.protocol.steps import deploy_pool
from tests.conftest import DAY, NETWORK
from tests.support.isolation import isolated


@pytest.fixture
def book(tmp_path):
    return AddressBook(tmp_path / "local.json", ape.chain.chain_id, "0xgenesis")


@pytest.fixture
def config(people):
    return load_config(NETWORK).model_copy(update={"roles": Holders(guardian=[people.guardian.address])})


def test_deploy__again__sends_nothing(dave, config, book):
    Protocol.deploy(dave, config, book=book)
    nonce = dave.nonce
    executed = []
    Protocol.deploy(dave, config, book=book, progress=executed.append)
    assert dave.nonce == nonce
    assert executed
    assert all(step.gas == 0 for step in executed)


@pytest.mark.parametrize("survived", [0, 1, 7, 14, 23, 27, 30, 37, 46])
def test_deploy__after_a_run_that_died__continues_it(dave, config, book, survived):
    class DiedError(Exception):
        pass

    count = 0

    def die(_):
        nonlocal count
        count += 1
        if count > survived:
            raise DiedError

    with pytest.raises(DiedError):
        Protocol.deploy(dave, config, book=book, progress=die)
    first = dict(book.contracts)

    reread = AddressBook.open(book.path, book.chain_id, book.genesis, live=False)
    protocol = Protocol.deploy(dave, config, book=reread)

    assert {name: reread.contracts[name] for name in first} == first
    assert protocol.aid.gateway() == protocol.gateway.address
    assert [coin.symbol for coin in protocol.coins()] == ["USDC", "USDT"]
    assert protocol.pool_factory.pool_count() == 2
    deployment = Deployment(config, reread, dave)
    assert all(step.done() for step in deployment.steps())


def test_deploy__after_dying_between_sending_and_recording__adopts_what_was_sent(dave, config, book):
    deployment = Deployment(config, book, dave)
    record, book.record = book.record, lambda *_: None
    deployment.steps()[0].run()
    book.record = record
    (address,) = book.sent.values()
    assert "roles" not in book.contracts

    nonce = dave.nonce
    protocol = Protocol.deploy(dave, config, book=book)

    assert protocol.roles.address == address
    assert book.sent == {}
    created = sum(entry.transaction != "" for entry in book.contracts.values())
    assert dave.nonce - nonce > created  # the rest was sent, Roles was not sent again
    assert book.contracts["roles"].transaction == ""


def test_deploy__after_dying_before_a_pool_is_recorded__finds_it_among_strangers(dave, mallory, config, book):
    protocol = Protocol.deploy(dave, config.model_copy(update={"pools": [], "oracles": []}), book=book)
    factory, coins = protocol.pool_factory, [protocol.aid, protocol.token("USDC")]
    factory.deploy_default_pool("other", "OTHER", coins, [False, False], sender=mallory)
    deploy_pool(protocol, config.pools[0], dave)
    own = factory.pool_list(1)
    factory.deploy_default_pool("another", "ANOTHER", coins, [False, False], sender=mallory)
    protocol = Protocol.deploy(dave, config, book=book)
    assert book.contracts["pool.AID-USDC"].address == own
    assert factory.pool_count() == 4


def test_deploy__pools__are_as_configured(dave, config, book, governor):
    receiver = config.model_copy(update={"pool_fee_receiver": governor.address})
    protocol = Protocol.deploy(dave, receiver, book=book)
    assert protocol.pool_factory.fee_receiver() == governor.address
    pool = protocol.contract("pool.sAID-AID")
    assert [pool.coins(0), pool.coins(1)] == [protocol.staked_aid.address, protocol.aid.address]
    assert (pool.A(), pool.fee(), pool.offpeg_fee_multiplier()) == (200, 4_000_000, 5 * 10**10)
    assert (pool.symbol(), pool.ma_exp_time()) == ("sAID-AID-LP", 866)
    # shares count at what leaving pays, plain coins at one
    assert list(pool.stored_rates()) == [protocol.staked_aid.convertToAssets(10**18), 10**18]


def test_deploy__oracles__ask_the_pool_and_the_feed_of_their_loan_coin(dave, config, book):
    protocol = Protocol.deploy(dave, config, book=book)
    dollars, own = protocol.oracle("usdc"), protocol.oracle("AID")
    assert (dollars.VAULT(), own.VAULT()) == (protocol.staked_aid.address,) * 2
    assert (dollars.nav(), own.nav()) == (10**18,) * 2
    # what is lent in AID asks nothing; the pool of AID and USDC tells no price before its first deposit
    assert own.price() == 10**36
    with ape.reverts("out of domain"):
        dollars.price()
    message = r"^no oracle for loans of USDT \(this installation has USDC, AID\)$"
    with pytest.raises(AddressBookError, match=message):
        protocol.oracle("USDT")


def test_deploy__with_changed_parameters__sends_only_the_difference(dave, config, book):
    Protocol.deploy(dave, config, book=book)
    changed = config.model_copy(update={"reserve": config.reserve.model_copy(update={"buffer_bps": 25})})
    executed = []
    protocol = Protocol.deploy(dave, changed, book=book, progress=executed.append)
    assert [step.name for step in executed if step.gas] == ["set buffer_bps"]
    assert protocol.configurator.parameters().buffer_bps == 25


def test_deploy__on_another_chain__is_refused(dave, config):
    with pytest.raises(NetworkError, match="not on 5"):
        Protocol.deploy(dave, config.model_copy(update={"chain_id": 5}))


def test_deploy__with_a_book_whose_contracts_are_gone__names_the_contract(dave, config, book, tmp_path):
    with isolated():
        Protocol.deploy(dave, config, book=book)
    with pytest.raises(AddressBookError, match=r"no code at 0x.* \(roles\)"):
        Protocol.deploy(dave, config, book=book)


def test_deploy__live_without_timelock__is_refused(dave, book):
    live = load_config("sepolia").model_copy(update={"chain_id": ape.chain.chain_id})
    with pytest.raises(ConfigError, match="no `governance`"):
        Protocol.deploy(dave, live, book=book)


def test_dry_run__on_an_empty_chain__has_everything_to_do(dave, config, book):
    deployment = Deployment(config, book, dave)
    assert not any(deployment.is_done(step) for step in deployment.steps())


def test_load__before_deploying__says_what_to_do(config, book):
    with pytest.raises(AddressBookError, match="run `ape run deploy`"):
        Protocol.load(config, book=book)


def test_roles__after_deploying__are_the_configured_ones(dave, config, book, people):
    protocol = Protocol.deploy(dave, config, book=book)
    assert protocol.roles.governor() == dave.address
    assert protocol.roles.hasRole(Role.GUARDIAN.value, people.guardian)
    assert not protocol.roles.hasRole(Role.COMPLIANCE.value, dave)


def test_governance__when_configured__takes_over_in_two_steps(dave, config, book, bob, carol):
    governed = config.model_copy(
        update={
            "kyc_verifiers": [carol.address],
            "governance": Governance(min_delay=DAY, proposers=[bob.address], cancellers=[carol.address]),
        }
    )
    protocol = Protocol.deploy(dave, governed, book=book)
    timelock = protocol.timelock
    assert protocol.roles.pending_governor() == timelock.address
    assert protocol.allowlist.is_verifier(carol)
    assert not protocol.roles.hasRole(Role.COMPLIANCE.value, dave)

    protocol.schedule_acceptance(bob)
    with pytest.raises(Exception, match="refused: not ready"):
        protocol.accept_governance(bob)
    ape.chain.pending_timestamp += DAY
    ape.chain.mine()
    protocol.accept_governance(bob)

    assert protocol.roles.governor() == timelock.address
    with ape.reverts("not governor"):
        protocol.configurator.set_buffer_bps(1, sender=dave)
