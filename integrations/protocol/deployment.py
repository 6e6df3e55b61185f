"""Deploying: a list of steps, each of which knows from the chain whether it is done.

A run that dies is continued by the next: what is done is skipped, and a deployment whose
transaction was sent but not recorded is found at the address that its nonce predicts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from web3.utils import get_create_address

from integrations.protocol.address_book import AddressBook, Entry
from integrations.protocol.artifacts import compile_project
from integrations.protocol.authority_steps import authority_steps
from integrations.protocol.bounds import DAY
from integrations.protocol.config import NetworkConfig, Stablecoin, TBillVault
from integrations.protocol.core import Protocol, parameter_values
from integrations.protocol.credit_steps import credit_steps
from integrations.protocol.errors import AddressBookError, NotDeployedError, translated
from integrations.protocol.governance import is_open, opening_steps
from integrations.protocol.oracles import ZERO, oracle_steps
from integrations.protocol.preflight import check_parts
from integrations.protocol.steps import Executed, Step, pool_step

FEED_DECIMALS = 8
GAS = Path(__file__).with_name("deployment_gas.json")


class Deployment:
    """The plan of one installation.

    Args:
        config: What to install.
        book: Where addresses are recorded; may hold what an earlier run did.
        deployer: Ape account that pays, and holds GOVERNOR until it is handed over.
    """

    def __init__(self, config: NetworkConfig, book: AddressBook, deployer: Any) -> None:
        self.config = config
        self.book = book
        self.deployer = deployer
        self.protocol = Protocol(config, book)

    def steps(self) -> list[Step]:
        """All steps in order; contracts that a step needs exist once those before it have run."""
        p = self.protocol
        address = self.address
        plan = [
            self.deploy_step("roles", "Roles", lambda: (self.deployer.address,)),
            self.deploy_step("allowlist", "Allowlist", lambda: (address("roles"),)),
            self.deploy_step("aid", "AID", lambda: (address("roles"),)),
            self.deploy_step("configurator", "Configurator", lambda: (address("roles"), address("aid"))),
            self.deploy_step("treasury", "Treasury", lambda: (address("roles"), address("aid"))),
            self.deploy_step(
                "gateway",
                "Gateway",
                lambda: tuple(
                    address(name) for name in ("roles", "allowlist", "aid", "configurator", "treasury")
                ),
            ),
            self.deploy_step("insurance", "InsuranceFund", lambda: (address("roles"), address("aid"))),
            self.deploy_step(
                "staked_aid",
                "StakedAID",
                lambda: tuple(address(name) for name in ("roles", "aid", "gateway", "insurance")),
            ),
            self.deploy_step(
                "lens",
                "ProtocolLens",
                lambda: tuple(
                    address(name) for name in ("allowlist", "configurator", "gateway", "staked_aid")
                ),
            ),
            self.wire_step("aid", "gateway", "set_gateway", "gateway"),
            self.wire_step("gateway", "staked_aid", "set_staked_aid", "staked_aid"),
            self.wire_step("insurance", "vault", "set_vault", "staked_aid"),
            self.protect_step("staked_aid"),
            self.protect_step("insurance"),
            Step(
                "keep minting closed",
                "pause_mint",
                lambda: bool(p.configurator.mint_paused()) or self.is_live(),
                lambda: p.configurator.pause_mint(sender=self.deployer),
            ),
        ]
        for coin in self.config.stablecoins:
            plan += self._coin(coin)
        for vault in self.config.vaults:
            plan += self._vault(vault)
        for name, value in parameter_values(self.config.reserve).items():
            plan.append(self._reserve_parameter(name, value))
        staking = self.config.staking
        plan += [
            self.setting_step(
                "set vesting period",
                "set_vesting_period",
                lambda: p.staked_aid.vesting_period() == staking.vesting_days * DAY,
                lambda: p.staked_aid.set_vesting_period(staking.vesting_days * DAY, sender=self.deployer),
            ),
        ]
        plan += [*self._pools(), *self._split(), *oracle_steps(self)]
        if self.config.credit is not None:
            plan += credit_steps(self, self.config.credit)
        plan += authority_steps(self)
        if self.config.governance is None:
            plan += opening_steps(p, self.deployer)
        return plan

    def is_done(self, step: Step) -> bool:
        """Whether nothing is left of a step; one whose contracts do not exist yet is not done."""
        try:
            return step.done()
        except NotDeployedError:
            return False

    def execute(self, progress: Callable[[Executed], None] = lambda _: None) -> Protocol:
        """Run what is left.

        Args:
            progress: Called after every step, also for those that were done already.

        Raises:
            ConfigError: The configuration lacks what a live network needs.
            ProtocolError: The node, an account or a contract refused; run again to continue.
        """
        from ape import project

        self.config.require_deployable()
        with translated():
            check_parts(self.config, self.deployer)
            compile_project(project)
            for step in self.steps():
                if step.done():
                    progress(Executed(step.name, step.kind, 0, "", step.kept()))
                    continue
                receipt = step.run()
                progress(Executed(step.name, step.kind, int(receipt.gas_used), str(receipt.txn_hash)))
        return self.protocol

    # what the steps are made of

    def address(self, name: str) -> str:
        """Address of a contract of the plan.

        Raises:
            NotDeployedError: Its step has not run yet.
        """
        if name not in self.book.contracts:
            raise NotDeployedError(name)
        return self.book.contracts[name].address

    def deploy_step(self, name: str, contract: str, args: Callable[[], tuple[Any, ...]]) -> Step:
        """Deploy a contract from the project's sources."""
        from ape import project

        def transaction() -> Any:
            return getattr(project, contract).constructor.serialize_transaction(*args())

        return self._create(name, contract, f"deploy {contract}", transaction)

    def _declare(self, name: str, contract: str) -> Step:
        """Put a contract's initcode on the chain as a blueprint (ERC-5202)."""
        from ape import chain, project

        def transaction() -> Any:
            contract_type = getattr(project, contract).contract_type
            return chain.provider.network.ecosystem.encode_contract_blueprint(contract_type)

        return self._create(name, f"{contract} blueprint", f"declare {contract}", transaction)

    def _create(self, name: str, contract: str, kind: str, transaction: Callable[[], Any]) -> Step:
        """A transaction that creates a contract, found again if a run dies before it is recorded."""
        from ape import chain

        def has_code(address: str) -> bool:
            return len(chain.provider.get_code(address)) > 0

        def done() -> bool:
            if name in self.book.contracts:
                if not has_code(self.address(name)):
                    raise AddressBookError(
                        f"no code at {self.address(name)} ({name})",
                        f"remove it from {self.book.path}, or use the chain it is on",
                    )
                return True
            sent = self.book.sent.get(name)
            if sent is not None and has_code(sent):
                self.book.record(name, Entry(sent, contract))
                return True
            return False

        def run() -> Any:
            self.book.announce(name, get_create_address(self.deployer.address, self.deployer.nonce))
            receipt = self.deployer.call(transaction())
            self.book.record(name, Entry(str(receipt.contract_address), contract, str(receipt.txn_hash)))
            return receipt

        return Step(f"deploy {name}", kind, done, run)

    def _adopt(self, name: str, contract: str, address: str) -> None:
        if name not in self.book.contracts:
            self.book.record(name, Entry(address, contract))

    def wire_step(self, holder: str, getter: str, setter: str, target: str) -> Step:
        """Tell one contract about another, unless it knows."""

        def contract() -> Any:
            return self.protocol.contract(holder)

        return Step(
            f"{holder}.{setter}",
            setter,
            lambda: getattr(contract(), getter)() == self.address(target),
            lambda: getattr(contract(), setter)(self.address(target), sender=self.deployer),
        )

    def is_live(self) -> bool:
        """Whether the installation is somebody else's to change: it has been opened, or handed over."""
        return "pool_factory" in self.book.contracts and (is_open(self.protocol) or self.handed_over())

    def setting_step(
        self,
        name: str,
        kind: str,
        matches: Callable[[], bool],
        run: Callable[[], Any],
        live: Callable[[], bool] | None = None,
    ) -> Step:
        """Set something, unless it is so, or is live already: then it is kept, whatever it is.

        Args:
            name: As in `Step`.
            kind: As in `Step`.
            matches: Whether the chain says what the configuration says.
            run: As in `Step`.
            live: Whether the setting is in use; by default, whether the installation is live.
        """
        in_use = live or self.is_live
        return Step(name, kind, lambda: matches() or in_use(), run, lambda: not matches())

    def protect_step(self, name: str) -> Step:
        """Keep COMPLIANCE from denying a contract in which everybody's AID lies."""
        p = self.protocol
        return Step(
            f"protect {name} from denial",
            "set_protected",
            lambda: bool(p.aid.is_protected(self.address(name))),
            lambda: p.aid.set_protected(self.address(name), True, sender=self.deployer),
        )

    def _coin(self, coin: Stablecoin) -> Iterator[Step]:
        token, feed = f"coin.{coin.symbol}", f"feed.{coin.symbol}"
        if coin.token is not None and coin.feed is not None:
            self._adopt(token, "Stablecoin", coin.token)
            self._adopt(feed, "PriceFeed", coin.feed)
        else:
            yield self.deploy_step(
                token, "Stablecoin", lambda: (f"Mock {coin.symbol}", coin.symbol, coin.decimals)
            )
            yield self.deploy_step(feed, "PriceFeed", lambda: (FEED_DECIMALS, 10**FEED_DECIMALS))
        p = self.protocol

        def wanted() -> dict[str, Any]:
            names = ("max_age", "mint_fee_bps", "redeem_fee_bps", "deviation_bps", "band_bps", "cap")
            params = {name: getattr(coin, name) for name in (*names, "mint_capacity", "redeem_capacity")}
            return {"feed": self.address(feed), **params}

        def accepted() -> bool:
            return self.address(token) in p.gateway.assets()

        def matches() -> bool:
            found = p.configurator.asset_params(self.address(token))
            return all(getattr(found, name) == value for name, value in wanted().items())

        def run() -> Any:
            return p.configurator.add_asset(self.address(token), wanted(), sender=self.deployer)

        yield Step(f"accept {coin.symbol}", "add_asset", accepted, run, lambda: not matches())

    def _vault(self, vault: TBillVault) -> Iterator[Step]:
        name = f"vault.{vault.symbol}"
        if vault.vault is not None:
            self._adopt(name, "TBillVault", vault.vault)
        else:
            yield self.deploy_step(
                name, "TBillVault", lambda: (self.address(f"coin.{vault.asset}"), vault.mock_rate_bps)
            )
        p = self.protocol

        def listed() -> bool:
            return self.address(name) in p.gateway.vaults()

        yield Step(
            f"list {vault.symbol}",
            "add_vault",
            listed,
            lambda: p.configurator.add_vault(self.address(name), vault.cap, sender=self.deployer),
            lambda: p.configurator.vault_cap(self.address(name)) != vault.cap,
        )

    def _pools(self) -> Iterator[Step]:
        p = self.protocol
        receiver = self.config.pool_fee_receiver or ZERO
        yield self._declare("pool_blueprint", "StableSwap")
        yield self.deploy_step(
            "pool_factory",
            "PoolFactory",
            lambda: (self.address("roles"), self.address("pool_blueprint"), receiver),
        )
        yield self.setting_step(
            "set pool fee receiver",
            "set_fee_receiver",
            lambda: bool(p.pool_factory.fee_receiver() == receiver),
            lambda: p.pool_factory.set_fee_receiver(receiver, sender=self.deployer),
        )
        for pool in self.config.pools:
            yield pool_step(self.protocol, pool, self.deployer)
            yield self.protect_step(f"pool.{pool.name}")

    def _split(self) -> Iterator[Step]:
        """What yield splitters need: sAID in their form, which leaves through the pool of sAID and AID."""
        pool = self.config.exit_pool
        if pool is not None:
            yield self.deploy_step(
                "sy",
                "StandardizedYield",
                lambda: (self.address("staked_aid"), self.address(f"pool.{pool.name}")),
            )
            yield self.protect_step("sy")

    def _reserve_parameter(self, name: str, value: int) -> Step:
        # total_cap → set_total_cap; deficit_delta_bps → set_deficit_delta
        setter = "set_deficit_delta" if name == "deficit_delta_bps" else f"set_{name}"
        return self.setting_step(
            f"set {name}",
            setter,
            lambda: getattr(self.protocol.configurator.parameters(), name) == value,
            lambda: getattr(self.protocol.configurator, setter)(value, sender=self.deployer),
        )

    def handed_over(self) -> bool:
        """Whether somebody else than the deployer governs."""
        return bool(self.protocol.roles.governor() != self.deployer.address)


def recorded_gas() -> dict[str, int]:
    """Gas of each kind of step, as measured on a local chain by `make bench`."""
    data: dict[str, int] = json.loads(GAS.read_text())
    return data


def record_gas(executed: list[Executed]) -> None:
    """Write what the steps of a local deployment took, for the dry runs on other networks."""
    gas: dict[str, int] = {}
    for step in executed:
        if step.gas:
            # of steps of a kind that differ a little, the dearest
            gas[step.kind] = max(step.gas, gas.get(step.kind, 0))
    GAS.write_text(json.dumps(dict(sorted(gas.items())), indent=1) + "\n")
