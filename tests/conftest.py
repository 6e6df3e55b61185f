"""One installation for the whole run, on a chain of its own; every test starts from its snapshot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ape
import pytest
from hypothesis import HealthCheck, settings

from integrations.fork.local import LocalMainnet, local_mainnet
from integrations.fork.session import forked, load_protocol
from integrations.protocol import AddressBook, Protocol, load_config
from integrations.protocol.artifacts import compile_project
from integrations.protocol.config import Holders
from integrations.protocol.roles import LOCAL_ROLES
from tests.support import short_path
from tests.support.isolation import isolated

short_path.install()
# how long an example takes says how busy the machine is
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

#: Whether everything runs on a fork of the local mainnet (`make test-fork`), or of the real one.
ON_FORK = os.environ.get("AID_TEST_CHAIN") == "fork"
NETWORK = "mainnet-fork" if ON_FORK else "local"
#: Whether property tests search for long (`make fuzz`).
LONG = os.environ.get("AID_FUZZ") == "long"

WAD = 10**18
MILLION = 10**6
DAY = 86_400
CYCLE = 30 * DAY
ROLES = ("governor", "guardian", "compliance", "treasurer")
USERS = ("alice", "bob", "carol", "dave", "mallory")
#: Files that take longest. They go first, so that neither process of `make test` ends long after the other.
LONGEST = (
    "fork/test_anvil.py",
    "fork/test_local_mainnet.py",
    "stateful/test_protocol_machine.py",
    "venues/test_swap_venue.py",
    "attacks/test_pool_quotes_and_solver.py",
    "attacks/test_pool_value.py",
    "attacks/test_pool_tokens.py",
    "scenario/test_console.py",
    "scenario/test_venues_chain.py",
    "credit/test_book.py",
    "protocol/test_deployment.py",
    "differential/test_stableswap.py",
    "stateful/test_pool_machine.py",
    "protocol/test_errors.py",
    "scripts/test_deals.py",
)


def pytest_configure() -> None:
    compile_project(ape.project)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {f"tests/{file}": at for at, file in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


@pytest.fixture(scope="session")
def people(accounts):
    """Test accounts by their part: one for each role, then users."""
    return SimpleNamespace(**dict(zip(ROLES + USERS, accounts, strict=False)))


def _person(name: str):
    @pytest.fixture(scope="session", name=name)
    def person(people):
        return getattr(people, name)

    return person


governor, guardian, compliance, treasurer = (_person(name) for name in ROLES)
alice, bob, carol, dave, mallory = (_person(name) for name in USERS)


@pytest.fixture(scope="session")
def mainnet() -> Iterator[LocalMainnet]:
    """The local mainnet, with real venues; nothing changes it."""
    with local_mainnet() as running:
        yield running


@contextmanager
def on_a_fork(mainnet: LocalMainnet) -> Iterator[Any]:
    """Connect Ape to a fork of a mainnet and yield the provider: that of the run, if it is on one."""
    if ON_FORK:
        yield ape.chain.provider
        return
    with forked(mainnet.node.url) as provider:
        yield provider


@pytest.fixture(scope="session")
def chain_of_the_run(request) -> Iterator[None]:
    """What the run is on: the bare chain that Ape has started, or a fork of the local mainnet.

    There a block is a second later than the one before, however fast or slow the machine is.
    """
    with forked(request.getfixturevalue("mainnet").node.url) if ON_FORK else nullcontext():
        ape.chain.provider.make_request("anvil_setBlockTimestampInterval", [1])
        yield


@pytest.fixture(scope="session")
def installed(chain_of_the_run, request, people, accounts, tmp_path_factory) -> Protocol:
    """The protocol as `ape run deploy` installs it on a local chain, or as the fork has it already."""
    if ON_FORK:
        return load_protocol(request.getfixturevalue("mainnet"))
    holders = {role: [accounts[number].address] for role, number in LOCAL_ROLES.items()}
    config = load_config(NETWORK).model_copy(update={"roles": Holders.model_validate(holders)})
    folder: Path = tmp_path_factory.mktemp("deployments")
    book = AddressBook(folder / "local.json", ape.chain.chain_id, ape.chain.blocks[0].hash.hex())
    return Protocol.deploy(people.governor, config, book=book)


def welcome(installed: Protocol, people: SimpleNamespace) -> Protocol:
    """Have it know alice, bob and carol, and give every user a million of each coin."""
    users = [getattr(people, name) for name in USERS]
    until = ape.chain.pending_timestamp + 700 * DAY
    installed.allowlist.set_kyc_many(users[:3], until, sender=people.compliance)
    for coin in installed.coins():
        for user in users:
            coin.token.mint(user, MILLION * 10**coin.decimals, sender=user)
            coin.token.approve(installed.gateway, 2**256 - 1, sender=user)
    return installed


@pytest.fixture(scope="session")
def protocol(installed, people) -> Protocol:
    """The protocol with alice, bob and carol known to it, and every user with a million of each coin."""
    return welcome(installed, people)


@pytest.fixture(scope="module", autouse=True)
def module_isolation(protocol):
    """Every module starts from the fresh installation, on which session fixtures have run."""
    # a scenario that has ended lets the wall clock run again
    ape.chain.provider.make_request("anvil_setBlockTimestampInterval", [1])
    with isolated():
        yield


@pytest.fixture(autouse=True)
def test_isolation(module_isolation):
    """Every test starts from what its module's fixtures have set up."""
    with isolated():
        yield


@pytest.fixture(scope="session")
def usdc(protocol):
    return protocol.coin("USDC").token


@pytest.fixture(scope="session")
def usdt(protocol):
    return protocol.coin("USDT").token


@pytest.fixture(scope="session")
def usdc_feed(protocol):
    return protocol.coin("USDC").feed


@pytest.fixture(scope="session")
def usdt_feed(protocol):
    return protocol.coin("USDT").feed


@pytest.fixture(scope="session")
def tbill(protocol):
    return protocol.vault("TBILL").token


@pytest.fixture(scope="session")
def aid(protocol):
    return protocol.aid


@pytest.fixture(scope="session")
def gateway(protocol):
    return protocol.gateway


@pytest.fixture(scope="session")
def treasury(protocol):
    return protocol.treasury


@pytest.fixture(scope="session")
def vault(protocol):
    return protocol.staked_aid


@pytest.fixture(scope="session")
def insurance(protocol):
    return protocol.insurance
