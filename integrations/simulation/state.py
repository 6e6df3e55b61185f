"""What a pool is made with, and what it stores, as fields and as the contract's packed words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .stableswap_math import A_PRECISION, FEE_DENOMINATOR, WAD

MAX_ADMIN = 2**88 - 1
MAX_SURCHARGE = 2**18 - 1
MAX_RATIO = 2**45 - 1
#: Bits that the ratio of the coins' prices keeps when a pool is made.
_RATIO_BITS = 36

_W0 = (112, 112, 32)
_W1 = (88, 88, 62, 18)
_W2 = (27, 27, 32, 32, 33, 40, 20, 45)
_W3 = (112, 112, 32)
_W4 = (128, 20)


@dataclass(frozen=True)
class PoolParameters:
    """What a pool is deployed with.

    Attributes:
        decimals: Of both coins, at most 18.
        vaults: Which of them are ERC-4626 shares.
        amplification: A.
        fee: Fee at the peg, 1e10 = one.
        offpeg_multiplier: What it grows to away from the peg, 1e10 = one.
        ma_exp_time: Time constant of the price's average, seconds.
        d_ma_time: That of the invariant's.
        assets: Assets of one share, 1e18, when the pool is made; 1e18 for plain coins.
    """

    decimals: tuple[int, int] = (18, 18)
    vaults: tuple[bool, bool] = (False, False)
    amplification: int = 1_000
    fee: int = 4_000_000
    offpeg_multiplier: int = 2 * FEE_DENOMINATOR
    ma_exp_time: int = 866
    d_ma_time: int = 62_324
    assets: tuple[int, int] = (WAD, WAD)

    @property
    def multipliers(self) -> tuple[int, int]:
        """Rates of the coins when one share is worth one asset: `10^(36 − decimals)`."""
        return 10 ** (36 - self.decimals[0]), 10 ** (36 - self.decimals[1])

    @property
    def minimum_supply(self) -> int:
        """LP tokens that the first deposit locks for good: 1,000 units of the coarser coin."""
        return int(10 ** (21 - min(self.decimals)))

    @property
    def ratio_shift(self) -> int:
        """Bits by which the ratio of the coins' prices is shortened where it is stored."""
        return max(0, (self.assets[1] * WAD // self.assets[0]).bit_length() - _RATIO_BITS)

    @property
    def ratio(self) -> int:
        """That ratio when the pool is made."""
        return self.assets[1] * WAD // self.assets[0] >> self.ratio_shift


@dataclass(slots=True)
class PoolState:
    """All that a pool stores but the LP token's holders.

    Attributes:
        balances: What belongs to the liquidity providers, token units.
        admin_balances: The protocol's share of fees, token units.
        price_time: When `ema_price` was brought up to date.
        ema_price: Average price of coin 1 in coin 0, 1e18.
        surcharge: After a jump of a vault's price, ppm, as of `price_time`.
        ratio: Of the coins' prices when last seen, shortened.
        initial_a: A·100 when the ramp began.
        future_a: A·100 when it ends.
        initial_a_time: When it began.
        future_a_time: When it ends.
        fee: Fee at the peg.
        multiplier: Off-peg multiplier.
        ma_exp_time: Time constant of `ema_price`.
        supply: LP tokens, the locked minimum included.
        ema_d: Average of the invariant.
        d_time: When it was brought up to date.
        virtual_price: `D/supply` when D was last solved for, 1e18.
        d_ma_time: Time constant of `ema_d`.
    """

    balances: list[int] = field(default_factory=lambda: [0, 0])
    admin_balances: list[int] = field(default_factory=lambda: [0, 0])
    price_time: int = 0
    ema_price: int = WAD
    surcharge: int = 0
    ratio: int = 0
    initial_a: int = 0
    future_a: int = 0
    initial_a_time: int = 0
    future_a_time: int = 0
    fee: int = 0
    multiplier: int = 0
    ma_exp_time: int = 0
    supply: int = 0
    ema_d: int = 0
    d_time: int = 0
    virtual_price: int = 0
    d_ma_time: int = 0

    @classmethod
    def new(cls, parameters: PoolParameters) -> PoolState:
        """A pool just deployed."""
        a = parameters.amplification * A_PRECISION
        return cls(
            initial_a=a,
            future_a=a,
            fee=parameters.fee,
            multiplier=parameters.offpeg_multiplier,
            ma_exp_time=parameters.ma_exp_time,
            d_ma_time=parameters.d_ma_time,
            ratio=parameters.ratio if any(parameters.vaults) else 0,
        )

    @classmethod
    def from_words(cls, words: Sequence[int]) -> PoolState:
        """The state of a deployed pool, from its storage slots W0 to W4."""
        b0, b1, price_time = _unpacked(words[0], _W0)
        admin0, admin1, ema_price, surcharge = _unpacked(words[1], _W1)
        a0, a1, t0, t1, fee, multiplier, ma_exp_time, ratio = _unpacked(words[2], _W2)
        supply, ema_d, d_time = _unpacked(words[3], _W3)
        virtual_price, d_ma_time = _unpacked(words[4], _W4)
        return cls(
            balances=[b0, b1],
            admin_balances=[admin0, admin1],
            price_time=price_time,
            ema_price=ema_price,
            surcharge=surcharge,
            ratio=ratio,
            initial_a=a0,
            future_a=a1,
            initial_a_time=t0,
            future_a_time=t1,
            fee=fee,
            multiplier=multiplier,
            ma_exp_time=ma_exp_time,
            supply=supply,
            ema_d=ema_d,
            d_time=d_time,
            virtual_price=virtual_price,
            d_ma_time=d_ma_time,
        )

    def words(self) -> tuple[int, int, int, int, int]:
        """The words W0 to W4 as the contract stores them."""
        times = (self.initial_a_time, self.future_a_time)
        terms = (self.fee, self.multiplier, self.ma_exp_time, self.ratio)
        return (
            _packed((*self.balances, self.price_time), _W0),
            _packed((*self.admin_balances, self.ema_price, self.surcharge), _W1),
            _packed((self.initial_a, self.future_a, *times, *terms), _W2),
            _packed((self.supply, self.ema_d, self.d_time), _W3),
            _packed((self.virtual_price, self.d_ma_time), _W4),
        )

    def amplification(self, now: int) -> int:
        """A·100 at a time, on the straight line of a ramp."""
        if now >= self.future_a_time:
            return self.future_a
        elapsed, period = now - self.initial_a_time, self.future_a_time - self.initial_a_time
        if self.future_a >= self.initial_a:
            return self.initial_a + (self.future_a - self.initial_a) * elapsed // period
        return self.initial_a - (self.initial_a - self.future_a) * elapsed // period


def _packed(fields: Sequence[int], widths: Sequence[int]) -> int:
    word = shift = 0
    for value, width in zip(fields, widths, strict=True):
        word |= value << shift
        shift += width
    return word


def _unpacked(word: int, widths: Sequence[int]) -> list[int]:
    fields = []
    for width in widths:
        fields.append(word & (1 << width) - 1)
        word >>= width
    return fields
