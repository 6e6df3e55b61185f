"""What is to be installed on a network: one validated YAML file each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import yaml
from eth_utils.address import is_checksum_address
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from integrations.protocol.bounds import DAY, LIVE_MEMBERS, LIVE_MIN_DELAY, MOST, within
from integrations.protocol.errors import ConfigError

#: Folder of the configurations that the package ships.
NETWORKS = Path(__file__).with_name("networks")
#: The protocol's own tokens, as pools name them.
AID, SAID = "AID", "sAID"


def _checked_address(value: str) -> str:
    if not is_checksum_address(value):
        raise ValueError("expected a checksummed address (0x…)")
    if int(value, 16) == 0:
        raise ValueError("expected an address other than zero")
    return value


Address = Annotated[str, AfterValidator(_checked_address)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Stablecoin(_Model):
    """A stablecoin that the Gateway accepts. Without `token`, a mock of it is deployed."""

    symbol: Annotated[str, Field(pattern=r"^[A-Za-z0-9.]{2,11}$")]
    decimals: Annotated[int, within("stablecoins.decimals")] = 6
    token: Address | None = None
    feed: Address | None = None
    max_age: Annotated[int, within("stablecoins.max_age")] = 25 * 3_600
    mint_fee_bps: Annotated[int, within("stablecoins.mint_fee_bps")] = 5
    redeem_fee_bps: Annotated[int, within("stablecoins.redeem_fee_bps")] = 5
    deviation_bps: Annotated[int, within("stablecoins.deviation_bps")] = 10
    band_bps: Annotated[int, within("stablecoins.band_bps")] = 100
    cap: Annotated[int, within("stablecoins.cap")] = 1_000_000_000
    mint_capacity: Annotated[int, within("stablecoins.mint_capacity")] = 50_000_000
    redeem_capacity: Annotated[int, within("stablecoins.redeem_capacity")] = 50_000_000

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
    cap: Annotated[int, within("vaults.cap")] = 1_000_000_000
    mock_rate_bps: Annotated[int, Field(ge=0, le=10_000)] = 450


class Reserve(_Model):
    """Parameters of the reserve; units as in Gateway.vy."""

    total_cap: Annotated[int, within("reserve.total_cap")] = 10_000_000_000
    deficit_delta_bps: Annotated[int, within("reserve.deficit_delta_bps")] = 50
    buffer_bps: Annotated[int, within("reserve.buffer_bps")] = 10
    max_growth_bps: Annotated[int, within("reserve.max_growth_bps")] = 600
    liquid_floor_bps: Annotated[int, within("reserve.liquid_floor_bps")] = 2_000


class Staking(_Model):
    """Parameters of staked AID."""

    deposit_cap: Annotated[int, within("staking.deposit_cap")] = 1_000_000_000
    vesting_days: Annotated[int, within("staking.vesting_days")] = 7


class Pool(_Model):
    """A StableSwap pool of two of the installation's tokens; units as in PoolFactory.vy."""

    coins: Annotated[list[str], Field(min_length=2, max_length=2)]
    amplification: Annotated[int, within("pools.amplification")] = 500
    fee: Annotated[int, within("pools.fee")] = 4_000_000  # 1e10 = one: 4 bps
    offpeg_fee_multiplier: Annotated[int, within("pools.offpeg_fee_multiplier")] = 20_000_000_000
    ma_seconds: Annotated[int, within("pools.ma_seconds")] = 866

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
    period: Annotated[int, within("oracles.period")] = DAY
    max_rise_bps: Annotated[int, within("oracles.max_rise_bps")] = 100

    @property
    def name(self) -> str:
        """In the address book, after `oracle.`."""
        return f"{SAID}-{self.loan}"


class ReportKind(_Model):
    """A kind of report that the Attestor takes; bounds as in Attestor.vy."""

    kind: str
    max_age_days: Annotated[int, within("credit.reports.max_age_days")]
    max_rise_bps: Annotated[int, within("credit.reports.max_rise_bps")]
    max_fall_bps: Annotated[int, within("credit.reports.max_fall_bps")]


class Gates(_Model):
    """What a deal must meet when it is funded; caps are parts of what is staked, units as in Deals.vy."""

    max_ltv_bps: Annotated[int, within("credit.gates.max_ltv_bps")] = 7_500
    min_coverage_bps: Annotated[int, within("credit.gates.min_coverage_bps")] = 13_500
    deal_cap_bps: Annotated[int, within("credit.gates.deal_cap_bps")] = 1_500
    borrower_cap_bps: Annotated[int, within("credit.gates.borrower_cap_bps")] = 2_500


class Credit(_Model):
    """The credit side: deals, their desk, collateral and its auction. Absent: not installed.

    Attributes:
        attestor_threshold: Signatures that a report needs.
        fee_receiver: Who gets the protocol's fees; without one they stay at the desk.
    """

    attestor_threshold: Annotated[int, within("credit.attestor_threshold")] = 1
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

    min_delay: Annotated[int, within("governance.min_delay")]
    proposers: Annotated[list[Address], Field(min_length=1, max_length=MOST["governance.proposers"])]
    cancellers: Annotated[list[Address], Field(min_length=1, max_length=MOST["governance.cancellers"])]

    @model_validator(mode="before")
    @classmethod
    def _without_executors(cls, data: Any) -> Any:
        if isinstance(data, dict) and "executors" in data:
            raise ValueError("anyone executes: remove `executors`, and name `cancellers`, who do not propose")
        return data

    @model_validator(mode="after")
    def _disjoint(self) -> Governance:
        members = [*self.proposers, *self.cancellers]
        twice = {account for account in members if members.count(account) > 1}
        if twice:
            raise ValueError(f"{min(twice)} is given twice: whoever cancels does not propose")
        return self


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
    stablecoins: Annotated[list[Stablecoin], Field(min_length=1, max_length=MOST["stablecoins"])]
    vaults: Annotated[list[TBillVault], Field(max_length=MOST["vaults"])] = []
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
        listed = [coin.token for coin in self.stablecoins] + [vault.vault for vault in self.vaults]
        listed = [address for address in listed if address is not None]
        if len(listed) != len(set(listed)):
            raise ValueError("coins and vaults must differ, an address is given twice")
        kinds = [report.kind for report in self.credit.reports] if self.credit else []
        if len(kinds) != len(set(kinds)):
            raise ValueError(f"kinds of reports must differ, got {kinds}")
        if self.live and self.mocks():
            raise ValueError(f"a live network takes no mocks: give addresses for {', '.join(self.mocks())}")
        if self.live and self.governance is not None:
            self._check_keys(self.governance)
        return self

    def mocks(self) -> list[str]:
        """Symbols of the coins and vaults that are deployed as mocks."""
        mocks = [coin.symbol for coin in self.stablecoins if coin.token is None]
        return mocks + [vault.symbol for vault in self.vaults if vault.vault is None]

    def holders(self) -> list[tuple[str, str]]:
        """Every account that ends with a say, and where the configuration names it."""
        places = [("roles", name, accounts) for name, accounts in self.roles.model_dump().items()]
        if self.governance is not None:
            places += [
                ("governance", "proposers", self.governance.proposers),
                ("governance", "cancellers", self.governance.cancellers),
            ]
        return [(account, f"{part}.{name}") for part, name, accounts in places for account in accounts]

    def _check_keys(self, governance: Governance) -> None:
        """One captured key must not hold a live installation."""
        if governance.min_delay < LIVE_MIN_DELAY:
            raise ValueError(f"governance.min_delay: a live network needs at least {LIVE_MIN_DELAY} (2 days)")
        for name in ("proposers", "cancellers"):
            if len(getattr(governance, name)) < LIVE_MEMBERS:
                raise ValueError(
                    f"governance.{name}: a live network needs at least {LIVE_MEMBERS}, "
                    "or one captured key holds it for ever"
                )
        if not self.roles.guardian:
            raise ValueError("roles.guardian: a live network needs one")
        places: dict[str, str] = {}
        for account, place in self.holders():
            if account in places:
                raise ValueError(
                    f"{account} is in {places[account]} and {place}: a live network needs different keys"
                )
            places[account] = place

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
