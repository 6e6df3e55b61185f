"""Deploying: idempotent, resumable, and checked against the chain rather than against a journal."""

import ape
import pytest

from integrations.protocol import (
    AddressBook,
    AddressBookError,
    ConfigError,
    NetworkError,
    Protocol,
    RevertedError,
    Role,
    core,
    load_config,
)
from integrations.protocol.config import Governance, Holders
from integrations.protocol.deployment import Deployment
from integrations.protocol.governance import governor_of, opening, queue
from integrations.protocol.preflight import is_stand_in
from integrations.protocol.steps import deploy_pool
from tests.conftest import DAY, NETWORK
from tests.support.isolation import isolated


def keys(proposer):
    """A timelock of a day whose canceller is none of the users."""
    return Governance(min_delay=DAY, proposers=[proposer.address], cancellers=[canceller().address])


def canceller():
    """The account that cancels in these tests."""
    return ape.accounts.test_accounts[9]


def is_closed(protocol):
    """Whether nothing can be minted, deposited or put into a pool."""
    return (
        not protocol.is_open
        and protocol.configurator.mint_paused()
        and protocol.staked_aid.deposit_limits()[0] == 0
        and not protocol.pool_factory.opened()
    )


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


def test_deploy__with_changed_parameters__keeps_what_is_live_and_names_it(dave, config, book):
    protocol = Protocol.deploy(dave, config, book=book)
    coins = [coin.model_copy(update={"cap": 5}) for coin in config.stablecoins]
    changed = config.model_copy(
        update={
            "reserve": config.reserve.model_copy(update={"buffer_bps": 25}),
            "stablecoins": coins,
            "vaults": [vault.model_copy(update={"cap": 6}) for vault in config.vaults],
        }
    )
    executed, nonce = [], dave.nonce
    Protocol.deploy(dave, changed, book=book, progress=executed.append)
    assert dave.nonce == nonce
    assert [step.name for step in executed if step.kept] == [
        "accept USDC",
        "accept USDT",
        "list TBILL",
        "set buffer_bps",
    ]
    assert protocol.configurator.parameters().buffer_bps == 10


def test_deploy__before_the_opening__sets_what_the_configuration_says_now(dave, config, book):
    """Nobody lives by it yet."""
    closed = config.model_copy(update={"governance": keys(dave)})
    Protocol.deploy(dave, closed, book=book)
    changed = closed.model_copy(update={"reserve": config.reserve.model_copy(update={"buffer_bps": 25})})
    executed = []
    protocol = Protocol.deploy(dave, changed, book=book, progress=executed.append)
    assert [step.name for step in executed if step.gas] == ["set buffer_bps"]
    assert protocol.configurator.parameters().buffer_bps == 25


def test_deploy__again_after_guardian_closed__reopens_nothing(dave, config, book, people):
    protocol = Protocol.deploy(dave, config, book=book)
    guardian, usdc = people.guardian, protocol.token("USDC")
    protocol.configurator.pause_mint(sender=guardian)
    protocol.configurator.pause_asset(usdc, True, False, sender=guardian)
    protocol.configurator.lower_cap(usdc, 7, sender=guardian)
    protocol.staked_aid.set_deposit_limits(3, True, sender=guardian)
    deals = protocol.contract("deals")
    limits = deals.limits()
    tighter = {name: getattr(limits, name) for name in limits.__dataclass_fields__} | {
        "paused": True,
        "deal_cap_bps": 1,
    }
    deals.set_limits(tighter, sender=guardian)

    nonce, executed = dave.nonce, []
    Protocol.deploy(dave, config, book=book, progress=executed.append)

    assert dave.nonce == nonce
    assert protocol.configurator.mint_paused()
    assert tuple(protocol.configurator.asset_paused(usdc)) == (True, False)
    assert protocol.configurator.asset_params(usdc).cap == 7
    assert tuple(protocol.staked_aid.deposit_limits()) == (3, True)
    assert (deals.limits().paused, deals.limits().deal_cap_bps) == (True, 1)
    assert [step.name for step in executed if step.kept] == ["accept USDC", "set gates of funding"]


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


def test_governance__when_configured__takes_over_and_opens_what_ended_closed(
    dave, config, book, bob, carol, mallory
):
    governed = config.model_copy(update={"kyc_verifiers": [carol.address], "governance": keys(bob)})
    protocol = Protocol.deploy(dave, governed, book=book)
    timelock = protocol.timelock
    assert protocol.roles.pending_governor() == timelock.address
    assert protocol.allowlist.is_verifier(carol)
    assert not protocol.roles.hasRole(Role.COMPLIANCE.value, dave)
    assert is_closed(protocol)

    # both are queued at once; the opening waits for the acceptance
    protocol.schedule_acceptance(bob)
    protocol.schedule_opening(bob)
    assert [entry.calls for entry in queue(protocol)] == [
        ["roles.accept_handover()"],
        [
            "configurator.unpause_mint()",
            "staked_aid.set_deposit_limits(1000000000, False)",
            "pool_factory.open()",
        ],
    ]
    with pytest.raises(RevertedError, match="refused: not ready"):
        protocol.accept_governance(mallory)
    ape.chain.pending_timestamp += DAY
    ape.chain.mine()
    with pytest.raises(RevertedError, match="refused: missing predecessor"):
        protocol.open(mallory)
    protocol.accept_governance(mallory)
    # governed, and still closed
    assert protocol.roles.governor() == timelock.address
    assert governor_of(protocol) == f"{timelock.address}, the timelock"
    with ape.reverts("not governor"):
        protocol.configurator.set_buffer_bps(1, sender=dave)
    assert is_closed(protocol)

    protocol.open(mallory)

    assert protocol.is_open
    assert not protocol.configurator.mint_paused()
    assert tuple(protocol.staked_aid.deposit_limits()) == (1_000_000_000, False)
    assert protocol.pool_factory.opened()
    assert queue(protocol) == []
    # deploying once more finds nothing to do
    nonce = dave.nonce
    Protocol.deploy(dave, governed, book=book)
    assert dave.nonce == nonce


def test_opening__when_a_canceller_stops_it__stays_closed(dave, config, book, alice, bob):
    protocol = Protocol.deploy(dave, config.model_copy(update={"governance": keys(bob)}), book=book)
    protocol.schedule_acceptance(bob)
    protocol.schedule_opening(bob)
    opening(protocol).cancel(canceller())
    ape.chain.pending_timestamp += DAY
    protocol.accept_governance(alice)
    with pytest.raises(RevertedError, match="refused: not ready"):
        protocol.open(alice)
    assert is_closed(protocol)


def test_closed__the_deployer_never_opened_anything(dave, config, book, bob):
    """No transaction of the deployment opens what a later one closes."""
    executed = []
    governed = config.model_copy(update={"governance": keys(bob)})
    Protocol.deploy(dave, governed, book=book, progress=executed.append)
    kinds = [step.kind for step in executed]
    assert not {"open", "unpause_mint", "set_deposit_limits"} & set(kinds)
    assert kinds.index("pause_mint") < kinds.index("add_asset")


def test_protected__is_whatever_holds_everybodys_aid(dave, config, book):
    """What is not in the first list must be protected, or be argued to hold nobody's AID."""
    protocol = Protocol.deploy(dave, config, book=book)
    holds_none = {
        "roles", "allowlist", "aid", "configurator", "treasury", "lens", "pool_blueprint", "pool_factory",
        "attestor", "compute_receipt", "deals", "deal_math", "deal_ledger", "workout",
    }  # fmt: skip
    holds_none |= {
        name for name in book.contracts if name.startswith(("coin.", "feed.", "vault.", "oracle."))
    }
    protocol.roles.grantRole(Role.COMPLIANCE.value, dave, sender=dave)
    for name, entry in book.contracts.items():
        if name not in holds_none:
            with ape.reverts("cannot deny"):
                protocol.aid.deny(entry.address, sender=dave)


def test_deploy__a_token_that_is_not_what_it_should_be__is_refused_before_anything_is_sent(
    project, dave, config, book
):
    token = dave.deploy(project.Stablecoin, "Coin", "COIN", 8)
    feed = dave.deploy(project.PriceFeed, 8, 10**8)
    wrong = config.stablecoins[0].model_copy(update={"token": token.address, "feed": token.address})
    gone = config.stablecoins[1].model_copy(update={"token": dave.address, "feed": feed.address})
    changed = config.model_copy(update={"stablecoins": [wrong, gone], "vaults": []})
    nonce = dave.nonce
    message = f"USDC: {token.address} has 8 decimals, not 6; USDT: {dave.address} has no decimals, not 6"
    with pytest.raises(ConfigError, match=message):
        Protocol.deploy(dave, changed, book=book)
    assert dave.nonce == nonce


def test_check_chain__mocks_for_a_real_chain__are_refused(config, monkeypatch):
    """A configuration with chain id 1, `live: false`, and a node that is no development node."""
    monkeypatch.setattr(core, "is_stand_in", lambda _: False)
    with pytest.raises(NetworkError, match=r"on a real one: its USDC, USDT, TBILL would be mocks"):
        core.check_chain(config)


def test_is_stand_in__a_node_that_knows_no_method_of_testing__is_real():
    class Real:
        def make_request(self, method, _):
            raise ValueError(f"{method} not found")

    class Anvil:
        def make_request(self, method, _):
            return {"environment": {}} if method == "anvil_nodeInfo" else None

    assert not is_stand_in(Real())
    assert is_stand_in(Anvil())
    assert is_stand_in(ape.chain.provider)
