"""The protocol as its documents describe it, in Python integers and fractions: it never reads a contract."""

from tests.model.numbers import RefusedError
from tests.model.protocol import Protocol

__all__ = ["Protocol", "RefusedError"]
