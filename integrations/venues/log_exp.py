"""Exponential and logarithm at 18 decimals, to the same last digit as Pendle's market computes them.

Source of the method: `LogExpMath` of Balancer, which Pendle uses. An argument is taken apart into powers of
two whose exponentials are tabulated, and a short series does the rest. All divisions truncate towards zero,
as the EVM's do. Arguments and results are 1e18.
"""

from __future__ import annotations

WAD = 10**18
E20 = 10**20
E36 = 10**36

MAX_EXPONENT = 130 * WAD
MIN_EXPONENT = -41 * WAD
#: Between these, logarithms are computed at 36 decimals.
NEAR_ONE = (9 * 10**17, 11 * 10**17)

#: e^128 and e^64 without decimals; they would not fit with them.
LARGE = (
    (128, 38877084059945950922200000000000000000000000000000000000),
    (64, 6235149080811616882910000000),
)
#: Exponent and e^exponent, both at 20 decimals, for 32, 16, …, 1/16.
POWERS = tuple(
    (32 * E20 >> shift, value)
    for shift, value in enumerate(
        (
            7896296018268069516100000000000000,
            888611052050787263676000000,
            298095798704172827474000,
            5459815003314423907810,
            738905609893065022723,
            271828182845904523536,
            164872127070012814685,
            128402541668774148407,
            113314845306682631683,
            106449445891785942956,
        )
    )
)
#: The exponential leaves the last two of them to its series.
EXP_POWERS = POWERS[:-2]
EXP_TERMS = 12
#: Odd powers in the series of the logarithm.
LN_TERMS, LN_TERMS_NEAR_ONE = 11, 15


def exp(x: int) -> int:
    """e^x, 1e18.

    Raises:
        ValueError: x is below −41 or above 130.
    """
    if not MIN_EXPONENT <= x <= MAX_EXPONENT:
        raise ValueError("invalid exponent")
    if x < 0:
        return E36 // exp(-x)
    factor = 1
    for exponent, value in LARGE:
        if x >= exponent * WAD:
            x -= exponent * WAD
            factor = value
            break
    x *= 100
    product = E20
    for exponent, value in EXP_POWERS:
        if x >= exponent:
            x -= exponent
            product = product * value // E20
    term = E20
    total = E20
    for n in range(1, EXP_TERMS + 1):
        term = term * x // E20 // n
        total += term
    return product * total // E20 * factor // 100


def ln(a: int) -> int:
    """The natural logarithm of a, 1e18.

    Raises:
        ValueError: a is not positive.
    """
    if a <= 0:
        raise ValueError("out of bounds")
    low, high = NEAR_ONE
    if low < a < high:
        return truncated(_series(a * WAD, E36, LN_TERMS_NEAR_ONE), WAD)
    return _ln(a)


def truncated(a: int, b: int) -> int:
    """a/b rounded towards zero."""
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _ln(a: int) -> int:
    if a < WAD:
        return -_ln(E36 // a)
    total = 0
    for exponent, value in LARGE:
        if a >= value * WAD:
            a //= value
            total += exponent * WAD
    total *= 100
    a *= 100
    for exponent, value in POWERS:
        if a >= value:
            a = a * E20 // value
            total += exponent
    return (total + _series(a, E20, LN_TERMS)) // 100


def _series(a: int, one: int, terms: int) -> int:
    """ln(a) = 2·(z + z³/3 + z⁵/5 + …) with z = (a − 1)/(a + 1), up to z^`terms`."""
    z = truncated((a - one) * one, a + one)
    square = z * z // one
    power = total = z
    for n in range(3, terms + 1, 2):
        power = truncated(power * square, one)
        total += truncated(power, n)
    return 2 * total
