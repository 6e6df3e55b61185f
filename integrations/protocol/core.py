"""One installation of the protocol: its contracts, by name, and how to find them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrations.protocol import governance
from integrations.protocol.address_book import AddressBook
from integrations.protocol.artifacts import contract_at
from integrations.protocol.config import AID, SAID, NetworkConfig, Reserve, load_config
from integrations.protocol.errors import AddressBookError, NetworkError, NotDeployedError, translated
from integrations.protocol.preflight import is_stand_in

if TYPE_CHECKING:
    from integrations.protocol.state import State
    from integrations.protocol.steps import Executed

#: Where address books are kept, one file a network, under the project's folder.
DEPLOYMENTS = Path("deployments")
#: Contracts of the credit side, by their names in the address book.
CREDIT = (
    "attestor",
    "compute_receipt",
    "deals",
    "deal_math",
    "deal_ledger",
    "deal_desk",
    "collateral_auction",
    "workout",
)


@dataclass(frozen=True)
class Coin:
    """An accepted stablecoin: its token and price feed as Ape contracts."""

    symbol: str
    decimals: int
    token: Any
    feed: Any


@dataclass(frozen=True)
class Vault:
    """A T-bill vault of the reserve as an Ape contract."""

    symbol: str
    asset: str  # symbol of its coin
    token: Any


class Protocol:
    """The contracts of one installation.

    Make one with `Protocol.deploy` or `Protocol.load`.

    Args:
        config: What was installed.
        book: Where it is.
    """

    def __init__(self, config: NetworkConfig, book: AddressBook) -> None:
        self.config = config
        self.book = book
        self._instances: dict[str, Any] = {}

    @classmethod
    def deploy(
        cls,
        deployer: Any,
        config: NetworkConfig | None = None,
        *,
        book: AddressBook | None = None,
        progress: Callable[[Executed], None] = lambda _: None,
    ) -> Protocol:
        """Install the protocol on the connected chain, or finish what an earlier run began.

        Args:
            deployer: Ape account that pays and starts as GOVERNOR.
            config: What to install; the shipped configuration of the connected network if absent.
            book: Where to record addresses; `deployments/<network>.json` if absent.
            progress: Called after every step.

        Raises:
            ConfigError: The configuration is not valid.
            NetworkError: The chain is not the configured one.
            RevertedError: A contract refused.
        """
        from integrations.protocol.deployment import Deployment

        config = config or load_config(connected_network())
        check_chain(config)
        book = book if book is not None else open_book(config)
        return Deployment(config, book, deployer).execute(progress)

    @classmethod
    def load(cls, config: NetworkConfig | None = None, *, book: AddressBook | None = None) -> Protocol:
        """The installation that the address book of the connected network records.

        Raises:
            AddressBookError: Nothing, or only a part, is recorded for this chain.
            NetworkError: The chain is not the configured one.
        """
        config = config or load_config(connected_network())
        check_chain(config)
        book = book if book is not None else open_book(config)
        protocol = cls(config, book)
        missing = [name for name in protocol.names() if name not in book.contracts]
        if missing:
            raise AddressBookError(
                f"no installation on this chain: {book.path} lacks {', '.join(missing[:3])}"
                + (" …" if len(missing) > 3 else ""),
                "run `ape run deploy` with the same --network first",
            )
        return protocol

    def names(self) -> list[str]:
        """Names of all contracts that a complete installation has in its address book."""
        names = ["roles", "allowlist", "aid", "gateway", "configurator", "treasury"]
        names += ["insurance", "staked_aid", "lens"]
        for coin in self.config.stablecoins:
            names += [f"coin.{coin.symbol}", f"feed.{coin.symbol}"]
        names += [f"vault.{vault.symbol}" for vault in self.config.vaults]
        names += ["pool_blueprint", "pool_factory", *(f"pool.{pool.name}" for pool in self.config.pools)]
        names += ["sy"] if self.config.exit_pool else []
        names += [f"oracle.{oracle.name}" for oracle in self.config.oracles]
        return names + list(CREDIT if self.config.credit is not None else ())

    def contract(self, name: str) -> Any:
        """The Ape contract under a name of the address book."""
        if name not in self._instances:
            if name not in self.book.contracts:
                raise NotDeployedError(name)
            entry = self.book.contracts[name]
            self._instances[name] = contract_at(entry.contract, entry.address)
        return self._instances[name]

    @property
    def roles(self) -> Any:
        """Roles."""
        return self.contract("roles")

    @property
    def allowlist(self) -> Any:
        """Allowlist."""
        return self.contract("allowlist")

    @property
    def aid(self) -> Any:
        """AID."""
        return self.contract("aid")

    @property
    def gateway(self) -> Any:
        """Gateway."""
        return self.contract("gateway")

    @property
    def configurator(self) -> Any:
        """Configurator, through which the Gateway is governed."""
        return self.contract("configurator")

    @property
    def treasury(self) -> Any:
        """Treasury, which moves the reserve's coins into T-bill vaults and back."""
        return self.contract("treasury")

    @property
    def insurance(self) -> Any:
        """InsuranceFund."""
        return self.contract("insurance")

    @property
    def staked_aid(self) -> Any:
        """StakedAID."""
        return self.contract("staked_aid")

    @property
    def lens(self) -> Any:
        """ProtocolLens."""
        return self.contract("lens")

    @property
    def pool_factory(self) -> Any:
        """PoolFactory."""
        return self.contract("pool_factory")

    @property
    def sy(self) -> Any:
        """StandardizedYield of sAID; an installation without a pool of sAID and AID has none."""
        return self.contract("sy")

    def oracle(self, loan: str) -> Any:
        """VaultOracle of sAID for markets that lend AID or a stablecoin.

        Raises:
            AddressBookError: It is not part of this installation.
        """
        for oracle in self.config.oracles:
            if oracle.loan.upper() == loan.upper():
                return self.contract(f"oracle.{oracle.name}")
        known = ", ".join(oracle.loan for oracle in self.config.oracles)
        raise AddressBookError(f"no oracle for loans of {loan}", f"this installation has {known or 'none'}")

    @property
    def timelock(self) -> Any:
        """Timelock; an installation without `governance` has none."""
        return self.contract("timelock")

    def coin(self, symbol: str) -> Coin:
        """A stablecoin by its symbol.

        Raises:
            AddressBookError: It is not part of this installation.
        """
        for coin in self.config.stablecoins:
            if coin.symbol.upper() == symbol.upper():
                token, feed = (self.contract(f"{kind}.{coin.symbol}") for kind in ("coin", "feed"))
                return Coin(coin.symbol, coin.decimals, token, feed)
        known = ", ".join(coin.symbol for coin in self.config.stablecoins)
        raise AddressBookError(f"unknown stablecoin {symbol}", f"this installation accepts {known}")

    def coins(self) -> list[Coin]:
        """All stablecoins, in the configuration's order."""
        return [self.coin(coin.symbol) for coin in self.config.stablecoins]

    def vault(self, symbol: str) -> Vault:
        """A T-bill vault by its symbol.

        Raises:
            AddressBookError: It is not part of this installation.
        """
        for vault in self.config.vaults:
            if vault.symbol.upper() == symbol.upper():
                return Vault(vault.symbol, vault.asset, self.contract(f"vault.{vault.symbol}"))
        known = ", ".join(vault.symbol for vault in self.config.vaults)
        raise AddressBookError(f"unknown vault {symbol}", f"this installation has {known or 'none'}")

    def vaults(self) -> list[Vault]:
        """All T-bill vaults, in the configuration's order."""
        return [self.vault(vault.symbol) for vault in self.config.vaults]

    def token(self, symbol: str) -> Any:
        """AID, sAID or a stablecoin as an Ape contract.

        Raises:
            AddressBookError: It is not part of this installation.
        """
        own = {AID.upper(): "aid", SAID.upper(): "staked_aid"}
        if symbol.upper() in own:
            return self.contract(own[symbol.upper()])
        return self.coin(symbol).token

    @property
    def is_open(self) -> bool:
        """Whether the installation has been opened; GUARDIAN may have closed parts of it since."""
        return governance.is_open(self)

    def schedule_acceptance(self, proposer: Any) -> Any:
        """Have the timelock scheduled to accept GOVERNOR.

        Args:
            proposer: Ape account that may propose to the timelock.

        Returns:
            Ape's receipt; `accept_governance` works once the timelock's delay has passed.

        Raises:
            RevertedError: It is scheduled already, or the account may not propose.
        """
        with translated():
            return governance.acceptance(self).schedule(proposer)

    def accept_governance(self, account: Any) -> Any:
        """Execute the scheduled acceptance: the timelock is GOVERNOR and the deployer is not.

        Args:
            account: Ape account that pays; anyone may.

        Raises:
            RevertedError: The delay has not passed, or nothing is scheduled.
        """
        with translated():
            return governance.acceptance(self).execute(account)

    def schedule_opening(self, proposer: Any) -> Any:
        """Have minting, deposits and first liquidity scheduled to open, after the acceptance.

        Args:
            proposer: Ape account that may propose to the timelock.

        Raises:
            RevertedError: It is scheduled already, or the account may not propose.
        """
        with translated():
            return governance.opening(self).schedule(proposer)

    def open(self, account: Any) -> Any:
        """Execute the scheduled opening.

        Args:
            account: Ape account that pays; anyone may.

        Raises:
            RevertedError: Its delay has not passed, or the timelock has not accepted GOVERNOR.
        """
        with translated():
            return governance.opening(self).execute(account)

    def state(self, accounts: list[str] | None = None) -> State:
        """Everything about the installation as of now, read in one call.

        Args:
            accounts: Addresses whose balances and positions to include.
        """
        from integrations.protocol.state import read_state

        return read_state(self, accounts or [])


def parameter_values(reserve: Reserve) -> dict[str, int]:
    """The reserve's parameters under the names that Gateway.parameters() uses."""
    return dict(reserve.model_dump())


def connected_network() -> str:
    """Name of the configuration of the connected network.

    Raises:
        NetworkError: There is no connection.
    """
    from ape import networks

    provider = networks.active_provider
    if provider is None:
        raise NetworkError("not connected to a network", "give --network, e.g. ethereum:local:foundry")
    return str(provider.network.name)


def check_chain(config: NetworkConfig) -> None:
    """Make sure that the node's chain is the configured one, and none that costs money unless it is live.

    Raises:
        NetworkError: It is another chain, or a real one for a configuration with mocks or without a timelock.
    """
    from ape import chain

    if chain.chain_id != config.chain_id:
        raise NetworkError(
            f"the node is on chain {chain.chain_id}, not on {config.chain_id} ({config.network})",
            "check --network and --config",
        )
    if not config.live and not is_stand_in(chain.provider):
        what = f"its {', '.join(config.mocks())} would be mocks" if config.mocks() else "it is not `live`"
        raise NetworkError(
            f"{config.network} is for a chain of one's own, and the node is on a real one: {what}",
            "start a node with `make chain` or `make fork`, or configure a live network",
        )


def open_book(config: NetworkConfig, folder: Path = DEPLOYMENTS) -> AddressBook:
    """The address book of the connected chain.

    Args:
        config: Of the network.
        folder: Where books are kept.
    """
    from ape import chain

    name = config.network.split(":", 1)[-1]
    genesis = chain.blocks[0].hash.hex()
    return AddressBook.open(folder / f"{name}.json", chain.chain_id, genesis, live=config.live)
