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
