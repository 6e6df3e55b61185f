"""A stage for the vault's tests: alice, bob and carol with AID, a mock credit book, governor as GOVERNOR."""

import pytest

from .driver import Stage, Twin

USDC = 10**6


@pytest.fixture(scope="session")
def stage(chain, project, protocol, people):
    """Nobody has staked; each of three has 799,600 AID."""
    return Stage.build(chain, project, protocol, people, "alice bob carol", 800_000 * USDC)


@pytest.fixture(scope="session")
def portfolio(stage):
    return stage.portfolio


@pytest.fixture
def twin(stage):
    """The stage and its model, in a vault that nobody has used."""
    return Twin(stage)
