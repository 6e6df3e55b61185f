"""Roles of the protocol, mirrored from Roles.vy."""

from __future__ import annotations

from enum import Enum

from eth_utils.crypto import keccak


class Role(Enum):
    """A role and its id in Roles.vy: zero for GOVERNOR, keccak256 of the name for the others."""

    GOVERNOR = bytes(32)
    GUARDIAN = keccak(text="GUARDIAN")
    COMPLIANCE = keccak(text="COMPLIANCE")
    TREASURER = keccak(text="TREASURER")
    CREDIT = keccak(text="CREDIT")
    SERVICER = keccak(text="SERVICER")
    ATTESTOR = keccak(text="ATTESTOR")


#: Test accounts that hold the roles where everything runs on one machine. The first, 0, deploys and is
#: GOVERNOR; 3 is all that deals need in one: committee, servicer and attestor.
LOCAL_ROLES = {"guardian": 1, "compliance": 2, "treasurer": 3, "credit": 3, "servicer": 3, "attestor": 3}
