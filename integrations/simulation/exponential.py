"""The fixed-point exponential of the contracts (snekmate's `math._wad_exp`), in Python integers.

`e^x` is reduced to `2^k·e^x'` with `|x'| ≤ ½·ln 2` and approximated by a (6, 7)-term rational function in base 2^96,
after Remco Bloemen. The coefficients are part of the specification: the contract rounds at each of these steps.
"""

from __future__ import annotations

#: Below it `e^x` is less than 1e-18.
LOWEST = -41_446_531_673_892_822_312
HIGHEST = 135_305_999_368_893_231_588

LN2_96 = 54_916_777_467_707_473_351_141_471_128
NUMERATOR = (
    1_346_386_616_545_796_478_920_950_773_328,
    57_155_421_227_552_351_082_224_309_758_442,
    94_201_549_194_550_492_254_356_042_504_812,
    28_719_021_644_029_726_153_956_944_680_412_240,
    4_385_272_521_454_847_904_659_076_985_693_276,
)
DENOMINATOR = (
    -2_855_989_394_907_223_263_936_484_059_900,
    50_020_603_652_535_783_019_961_831_881_945,
    -533_845_033_583_426_703_283_633_433_725_380,
    3_604_857_256_930_695_427_073_651_918_091_429,
    -14_423_608_567_350_463_180_887_372_962_807_573,
    26_449_188_498_355_588_339_934_803_723_976_023,
)
SCALE = 3_822_833_074_963_236_453_042_738_258_902_158_003_155_416_615_667


def wad_exp(x: int) -> int:
    """`e^(x/1e18)·1e18`, rounded as the contract rounds it.

    Args:
        x: Exponent, 1e18.

    Raises:
        OverflowError: The result leaves a signed 256-bit word.
    """
    if x < LOWEST:
        return 0
    if x > HIGHEST:
        raise OverflowError("e^x does not fit into a word")
    x = _quotient(x << 78, 5**18)
    k = (_quotient(x << 96, LN2_96) + 2**95) >> 96
    x -= k * LN2_96
    n0, n1, n2, n3, n4 = NUMERATOR
    y = ((x + n0) * x >> 96) + n1
    p = (((y + x - n2) * y >> 96) + n3) * x + (n4 << 96)
    q = x + DENOMINATOR[0]
    for coefficient in DENOMINATOR[1:]:
        q = (q * x >> 96) + coefficient
    return p // q * SCALE >> (195 - k)


def _quotient(a: int, b: int) -> int:
    """The EVM's signed division: towards zero."""
    return a // b if a >= 0 else -(-a // b)
