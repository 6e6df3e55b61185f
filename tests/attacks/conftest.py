"""Pools for the rows P1 to P12, deals for C1 to C12; others attack tests/conftest.py's installation."""

import pytest

from tests.support.credit_world import build, opened
from tests.support.gateway_fixtures import configurator, invested, stocked  # noqa: F401
from tests.support.pool_fixtures import bench, benches, plain, pool_world, rated, world  # noqa: F401


@pytest.fixture(scope="module")
def credit_side(project, protocol, people):
    """The credit side with real deals, auction and attestor; twenty million are staked."""
    with opened(build(project, protocol, people)) as credit:
        yield credit


@pytest.fixture
def credit(credit_side):
    """The same, for one test."""
    return credit_side.fresh()
