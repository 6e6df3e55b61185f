"""Pools for the rows P1 to P12; the other rows attack the installation of tests/conftest.py."""

from tests.support.gateway_fixtures import configurator, invested, stocked  # noqa: F401
from tests.support.pool_fixtures import bench, benches, plain, pool_world, rated, world  # noqa: F401
