"""What the tests of the four small contracts share: a Roles of their own, untouched by any installation."""

import pytest
from eth_utils import keccak

from tests.support.gateway_fixtures import configurator, invested, stocked  # noqa: F401


@pytest.fixture(scope="session")
def role_id():
    """Id of a role by name, as Roles.vy defines it."""

    def _role_id(name: str) -> bytes:
        return bytes(32) if name == "GOVERNOR" else keccak(text=name)

    return _role_id


@pytest.fixture(scope="module")
def roles(project, governor, guardian, compliance, treasurer, role_id):
    """Roles with one holder each of the roles that these contracts ask for."""
    roles = governor.deploy(project.Roles, governor)
    for name, holder in [("GUARDIAN", guardian), ("COMPLIANCE", compliance), ("TREASURER", treasurer)]:
        roles.grantRole(role_id(name), holder, sender=governor)
    return roles


@pytest.fixture
def now(chain):
    """The timestamp that the next block will have."""
    chain.pending_timestamp = chain.pending_timestamp + 60
    return chain.pending_timestamp
