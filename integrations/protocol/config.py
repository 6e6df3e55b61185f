"""What is to be installed on a network: one validated YAML file each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import yaml
from eth_utils.address import is_checksum_address
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from integrations.protocol.errors import ConfigError

#: Folder of the configurations that the package ships.
NETWORKS = Path(__file__).with_name("networks")
DAY = 86_400
#: The protocol's own tokens, as pools name them.
AID, SAID = "AID", "sAID"


def _checked_address(value: str) -> str:
    if not is_checksum_address(value):
        raise ValueError("expected a checksummed address (0x…)")
    return value


Address = Annotated[str, AfterValidator(_checked_address)]
Bps = Annotated[int, Field(ge=0, le=10_000)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Stablecoin(_Model):
    """A stablecoin that the Gateway accepts. Without `token`, a mock of it is deployed."""

    symbol: Annotated[str, Field(pattern=r"^[A-Za-z0-9.]{2,11}$")]
    decimals: Annotated[int, Field(ge=0, le=18)] = 6
    token: Address | None = None
    feed: Address | None = None
    max_age: Annotated[int, Field(gt=0, le=7 * DAY)] = 25 * 3_600
    mint_fee_bps: Annotated[int, Field(ge=0, le=100)] = 5
    redeem_fee_bps: Annotated[int, Field(ge=0, le=100)] = 5
    deviation_bps: Bps = 10
    band_bps: Annotated[int, Field(ge=0, le=500)] = 100
    cap: Annotated[int, Field(ge=0)] = 1_000_000_000
    mint_capacity: Annotated[int, Field(ge=0)] = 50_000_000
    redeem_capacity: Annotated[int, Field(ge=0)] = 50_000_000

    @model_validator(mode="after")
    def _both_or_neither(self) -> Stablecoin:
        if (self.token is None) != (self.feed is None):
            raise ValueError("give both token and feed, or neither (then both are mocks)")
        return self


class TBillVault(_Model):
    """An ERC-4626 T-bill vault over one of the stablecoins. Without `vault`, a mock is deployed."""

    symbol: Annotated[str, Field(pattern=r"^[A-Za-z0-9.]{2,11}$")]
    asset: str
    vault: Address | None = None
    cap: Annotated[int, Field(ge=0)] = 1_000_000_000
    mock_rate_bps: Bps = 450


class Reserve(_Model):
    """Parameters of the reserve; units as in Gateway.vy."""

    total_cap: Annotated[int, Field(gt=0)] = 10_000_000_000
    deficit_delta_bps: Annotated[int, Field(ge=25, le=50)] = 50
    buffer_bps: Bps = 10
    max_growth_bps: Bps = 600
    liquid_floor_bps: Bps = 2_000


class Staking(_Model):
    """Parameters of staked AID."""

    deposit_cap: Annotated[int, Field(ge=0)] = 1_000_000_000
    vesting_days: Annotated[int, Field(ge=1, le=90)] = 7


class Pool(_Model):
    """A StableSwap pool of two of the installation's tokens; units as in PoolFactory.vy."""

    coins: Annotated[list[str], Field(min_length=2, max_length=2)]
    amplification: Annotated[int, Field(ge=1, le=10**6)] = 500
    fee: Annotated[int, Field(ge=0, le=10**8)] = 4_000_000  # 1e10 = one: 4 bps
    offpeg_fee_multiplier: Annotated[int, Field(ge=0, lt=2**40)] = 20_000_000_000  # 1e10 = one
    ma_seconds: Annotated[int, Field(ge=1, lt=2**20)] = 866

    @property
    def name(self) -> str:
        """In the address book, after `pool.`, and on the LP token."""
        return "-".join(self.coins)

    @model_validator(mode="after")
    def _consistent(self) -> Pool:
        if self.coins[0] == self.coins[1]:
            raise ValueError("give two different tokens")
        if self.fee * self.offpeg_fee_multiplier > 10**20 // 2:
            raise ValueError("fee times multiplier may be at most a half")
        return self


class Oracle(_Model):
    """What lending markets that lend a coin read as the price of sAID; bounds as in VaultOracle.vy.

    Attributes:
        loan: AID, or a stablecoin that has a pool with AID.
        period: Of the NAV's average, seconds.
        max_rise_bps: How far above the average a record may be.
    """

    loan: str
    period: Annotated[int, Field(ge=3_600, le=30 * DAY)] = DAY
    max_rise_bps: Annotated[int, Field(ge=1, le=1_000)] = 100

    @property
    def name(self) -> str:
        """In the address book, after `oracle.`."""
        return f"{SAID}-{self.loan}"


class ReportKind(_Model):
    """A kind of report that the Attestor takes; bounds as in Attestor.vy."""

    kind: str
    max_age_days: Annotated[int, Field(ge=1, le=400)]
    max_rise_bps: Annotated[int, Field(ge=0, le=1_000_000)]
    max_fall_bps: Bps


class Gates(_Model):
    """What a deal must meet when it is funded; caps are parts of what is staked, units as in Deals.vy."""

    max_ltv_bps: Annotated[int, Field(ge=0, le=7_500)] = 7_500
    min_coverage_bps: Annotated[int, Field(ge=13_500, le=60_000)] = 13_500
    deal_cap_bps: Annotated[int, Field(ge=0, le=5_000)] = 1_500
    borrower_cap_bps: Annotated[int, Field(ge=0, le=5_000)] = 2_500


class Credit(_Model):
    """The credit side: deals, their desk, collateral and its auction. Absent: not installed.

    Attributes:
        attestor_threshold: Signatures that a report needs.
        fee_receiver: Who gets the protocol's fees; without one they stay at the desk.
    """

    attestor_threshold: Annotated[int, Field(ge=1, le=16)] = 1
    fee_receiver: Address | None = None
    gates: Gates = Gates()
    reports: list[ReportKind] = [
        ReportKind(kind="APPRAISAL", max_age_days=90, max_rise_bps=1_000, max_fall_bps=4_000),
        ReportKind(kind="DSCR", max_age_days=45, max_rise_bps=5_000, max_fall_bps=5_000),
        ReportKind(kind="TELEMETRY", max_age_days=7, max_rise_bps=10_000, max_fall_bps=10_000),
    ]


class Holders(_Model):
    """Who holds the roles besides GOVERNOR; the deployer holds none of them afterwards unless named."""

    guardian: list[Address] = []
    compliance: list[Address] = []
    treasurer: list[Address] = []
    credit: list[Address] = []
    servicer: list[Address] = []
    attestor: list[Address] = []


class Governance(_Model):
    """The timelock that takes GOVERNOR over; absent on networks where the deployer keeps it.

    Attributes:
        min_delay: Seconds from proposal to execution.
        proposers: Who may schedule.
        cancellers: Who may stop what is scheduled; none of them proposes.
    """

    min_delay: Annotated[int, Field(ge=0, le=30 * DAY)]
    proposers: Annotated[list[Address], Field(min_length=1, max_length=16)]
    cancellers: Annotated[list[Address], Field(min_length=1, max_length=16)]


class NetworkConfig(_Model):
    """One installation of the protocol.

    Attributes:
        network: Ape's network choice without the provider, e.g. `ethereum:sepolia`.
        chain_id: What the node must answer.
        live: Whether transactions cost money: then deploying is a dry run without `--yes`.
        pool_fee_receiver: Who gets the protocol's part of the pools' fees; without one it stays in them.
        kyc_verifiers: Accounts whose attestations the Allowlist accepts.
    """

    network: str
    chain_id: Annotated[int, Field(gt=0)]
    live: bool
    stablecoins: Annotated[list[Stablecoin], Field(min_length=1, max_length=8)]
    vaults: Annotated[list[TBillVault], Field(max_length=4)] = []
    reserve: Reserve = Reserve()
    staking: Staking = Staking()
    pools: Annotated[list[Pool], Field(max_length=16)] = []
    oracles: Annotated[list[Oracle], Field(max_length=16)] = []
    credit: Credit | None = None
    pool_fee_receiver: Address | None = None
    roles: Holders = Holders()
    kyc_verifiers: list[Address] = []
    governance: Governance | None = None

    @model_validator(mode="after")
    def _consistent(self) -> NetworkConfig:
        symbols = [coin.symbol for coin in self.stablecoins]
        for entries in (symbols, [vault.symbol for vault in self.vaults]):
            if len(entries) != len(set(entries)):
                raise ValueError(f"symbols must differ, got {entries}")
        for vault in self.vaults:
            if vault.asset not in symbols:
                raise ValueError(f"vault {vault.symbol}: asset {vault.asset!r} is not one of {symbols}")
        for a in self.stablecoins:
            for b in self.stablecoins:
                if a.mint_fee_bps + b.redeem_fee_bps < max(a.deviation_bps, b.deviation_bps):
                    raise ValueError(
                        f"mint fee of {a.symbol} + redeem fee of {b.symbol} must reach their feeds' deviation"
                    )
        tokens = [AID, SAID, *symbols]
        for pool in self.pools:
            for coin in pool.coins:
                if coin not in tokens:
                    raise ValueError(f"pool {pool.name}: {coin!r} is not one of {tokens}")
        names = [pool.name for pool in self.pools]
        if len(names) != len(set(names)):
            raise ValueError(f"pools must differ, got {names}")
        for oracle in self.oracles:
            if oracle.loan != AID and self.pool_of(AID, oracle.loan) is None:
                raise ValueError(f"oracle {oracle.name}: there is no pool of {AID} and {oracle.loan}")
        names = [oracle.name for oracle in self.oracles]
        if len(names) != len(set(names)):
            raise ValueError(f"oracles must differ, got {names}")
        mocks = [c.symbol for c in self.stablecoins if c.token is None]
        mocks += [v.symbol for v in self.vaults if v.vault is None]
        if self.live and mocks:
            raise ValueError(f"a live network takes no mocks: give addresses for {', '.join(mocks)}")
        return self

    @property
    def exit_pool(self) -> Pool | None:
        """The first pool of sAID and AID, where shares are sold without waiting for the vault's cycles."""
        return self.pool_of(AID, SAID)

    def pool_of(self, coin: str, other: str) -> Pool | None:
        """The first pool of two tokens."""
        return next((pool for pool in self.pools if set(pool.coins) == {coin, other}), None)

    def require_deployable(self) -> None:
        """Make sure that an installation from this configuration would have a governor to last.

        Raises:
            ConfigError: The network is live and no timelock is configured.
        """
        if self.live and self.governance is None:
            raise ConfigError(
                f"{self.network}: no `governance`", "copy the shipped file, add it, and pass it with --config"
            )


def load_config(network: str | Path) -> NetworkConfig:
    """The configuration of a network.

    Args:
        network: A name that the package ships (`local`, `mainnet-fork`, `sepolia`, `mainnet`), or a file.

    Raises:
        ConfigError: The file is missing, is not YAML, or a field is not what it should be; the
            message names file, field and what was expected.
    """
    path = Path(network)
    if not path.suffix:
        path = NETWORKS / f"{network}.yaml"
    if not path.is_file():
        shipped = ", ".join(sorted(file.stem for file in NETWORKS.glob("*.yaml")))
        raise ConfigError(
            f"no configuration for {network}", f"shipped are {shipped}; or give a file with --config"
        )
    try:
        data: Any = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path.name}:{mark.line + 1}" if mark else path.name
        raise ConfigError(f"{where}: not YAML: {getattr(error, 'problem', error)}") from error
    try:
        return NetworkConfig.model_validate(data)
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg']} (got {fault['input']!r:.50})"
            for fault in error.errors()
        ]
        raise ConfigError(f"{path.name}: " + "; ".join(faults)) from error
