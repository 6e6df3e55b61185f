"""Integers that find mistakes in carries, and their way into and out of limbs."""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np

WORD = 2**64
CORNERS = (0, 1, 2, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**63 + 1, WORD - 2**32, WORD - 2, WORD - 1)


def limbs(value: int, count: int = 2) -> tuple[np.uint64, ...]:
    """Highest first."""
    return tuple(np.uint64(value >> 64 * i & WORD - 1) for i in reversed(range(count)))


def joined(parts: Iterable[int]) -> int:
    total = 0
    for part in parts:
        total = total << 64 | int(part)
    return total


def word(rng: random.Random) -> int:
    """A limb: every other one a corner, else of any length."""
    return rng.choice(CORNERS) if rng.random() < 0.5 else rng.getrandbits(rng.randint(1, 64))


def wide(rng: random.Random, count: int) -> int:
    return joined(word(rng) for _ in range(count))


def spread(rng: random.Random, low: float, high: float) -> int:
    """Log-uniform between powers of ten."""
    return int(10 ** rng.uniform(low, high))
