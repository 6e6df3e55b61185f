"""A stage for the vault's tests: alice, bob and carol with AID, a mock credit book, governor as GOVERNOR."""

import pytest

from .driver import Stage, Twin

USDC = 10**6


@pytest.fixture(scope="session")
def everybody(
    governor, guardian, compliance, alice, bob, carol, dave, mallory, vault, aid, gateway, insurance
):
    """What the tests ask for by name: fixtures of the session must not come after those of a module."""


@pytest.fixture(scope="module")
def stage(chain, project, protocol, people, everybody):
    """Nobody has staked; each of three has 799,600 AID."""
    return Stage.build(chain, project, protocol, people, "alice bob carol", 800_000 * USDC)


@pytest.fixture
def twin(stage):
    """The stage and its model, in a vault that nobody has used."""
    return Twin(stage)
