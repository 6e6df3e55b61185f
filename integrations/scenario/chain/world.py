"""A scenario's world on a local chain: what it does is in `actions`, what it tells is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...protocol.state import VIRTUAL
from ..loader import LoadedScenario
from ..units import BPS, DAY, WAD
from ..world import (
    AID,
    Backing,
    CoinState,
    Holdings,
    PoolState,
    Settlement,
    Snapshot,
    StakingState,
    VaultState,
)
from .actions import Actions
from .installation import install
from .node import Node

YEAR = 365 * DAY


class ChainWorld(Actions):
    """Implements `integrations.scenario.world.World` on the connected local chain.

    Making one stops the chain's clock at the start of the scenario and installs the protocol there; `close`
    lets the clock run again.

    Args:
        loaded: What is to be played.
        venues: Addresses of the venues' contracts there, by the names of `integrations.fork.venues`; a bare
            chain has none.
        upstream: What a fork is a fork of, for the report.

    Raises:
        ProtocolError: The node is not a local one, or refuses; a contract cannot be installed.
    """

    def __init__(
        self, loaded: LoadedScenario, venues: Mapping[str, str] | None = None, upstream: str = ""
    ) -> None:
        scenario = loaded.scenario
        node = Node(scenario.start_time)
        super().__init__(scenario, node, install(scenario, node), venues)
        protocol = self._at.protocol
        self._upstream = {"upstream": upstream} if upstream else {}
        self._contracts = {
            "StakedAID": protocol.staked_aid.address,
            "InsuranceFund": protocol.insurance.address,
            "Portfolio" if self._desk is None else "DealDesk": self._at.portfolio.address,
            "Gateway": protocol.gateway.address,
        }
        self._addresses = [account.address for account in self._at.actors.values()]
        self._addresses += list(self._contracts.values())
        self._known: tuple[int, Any] | None = None
        self._known_snapshot: tuple[int, Snapshot] | None = None
        self._windows: dict[int, tuple[int, int]] = {}

    def close(self) -> None:
        """Let the chain's clock run again."""
        self._node.close()

    # -- one call of the lens serves until something happens

    def _shot(self, *, accounts: bool = False) -> Any:
        """Return `Snapshot` of ProtocolLens.vy; its `accounts` are actors, then contracts, or left out."""
        known = self._known
        if known is None or known[0] != self._node.version or (accounts and not known[1].accounts):
            shot = self._node.call(self._at.protocol.lens.snapshot, self._addresses if accounts else [])
            known = self._known = (self._node.version, shot)
        return known[1]

    # -- what the world tells

    def backing(self) -> Backing:
        """See `World`."""
        return Backing(*self._node.call(self._gateway.backing))

    def snapshot(self) -> Snapshot:
        """See `World`."""
        if self._known_snapshot is None or self._known_snapshot[0] != self._node.version:
            self._known_snapshot = (self._node.version, self._snapshot())
        return self._known_snapshot[1]

    def _snapshot(self) -> Snapshot:
        shot = self._shot()
        staking = shot.staking
        coins = zip(self._at.coins, shot.coins, strict=True)
        vaults = zip(self._at.vaults, shot.vaults, strict=True)
        priced_shares = staking.supply + VIRTUAL
        return Snapshot(
            time=shot.timestamp,
            backing=Backing(*shot.backing),
            coins={
                name: CoinState(
                    coin.units, coin.balance, coin.price, coin.mint_available, coin.redeem_available
                )
                for name, coin in coins
            },
            vaults={name: self._vault(name, vault.shares) for name, vault in vaults},
            staking=StakingState(
                idle=staking.idle,
                claimable=staking.claimable,
                unvested=staking.unvested,
                releasing=staking.releasing,
                gross=shot.gross,
                impairment=shot.impairment,
                deposit_assets=staking.deposit_assets,
                exit_assets=staking.exit_assets,
                shares=staking.supply,
                price_deposit=-(-WAD * (staking.deposit_assets + VIRTUAL) // priced_shares),
                price_exit=WAD * (staking.exit_assets + VIRTUAL) // priced_shares,
                pending_active=staking.active,
                pending_next=staking.upcoming,
                cycle=staking.cycle,
                in_window=self._in_window(staking.cycle),
                aid_held=shot.staking_balance,
            ),
            insurance=shot.insurance,
            pools=self._pool_states(),
        )

    def _pool_states(self) -> Mapping[str, PoolState]:
        states = self._pools.states()
        return states if self._venues is None else states | self._venues.pool_states()

    def _vault(self, name: str, shares: int) -> VaultState:
        """Return a T-bill position as the Gateway ought to recognise it now, reckoned here from its book.

        Its book, grown at the bounded rate, or what the vault says, whichever is less.
        """
        token = self._at.vaults[name]
        words, now_worth, one_worth = self._node.read(
            [
                (self._gateway.vault_words, list(self._at.vaults).index(name)),
                (token.convertToAssets, shares),
                (token.convertToAssets, WAD),
            ]
        )
        terms, holding = words
        book, since = holding >> 128, (terms >> 168) % 2**40
        growth = self._scenario.reserve.max_growth_bps * (self._node.time - since)
        most = book + book * growth // (BPS * YEAR)
        return VaultState(shares, min(now_worth, most) if shares else 0, one_worth)

    def _in_window(self, cycle: int) -> bool:
        if cycle not in self._windows:
            start = self._node.call(self._staked.cycle_start, cycle)
            window, *_ = self._node.call(self._staked.parameters, cycle)
            self._windows[cycle] = (start, window)
        start, window = self._windows[cycle]
        return bool(self._node.time - start < window)

    def holdings(self, who: str) -> Holdings:
        """See `World`."""
        at = self._addresses.index(self._address(who))
        shot = self._shot(accounts=True)
        account, position = shot.accounts[at], shot.positions[at]
        names = [*self._at.coins, *self._at.vaults, *self._pools.venues]
        me = self._address(who)
        units = self._node.read([(self._tokens[name].balanceOf, me) for name in names])
        held = dict(zip(names, map(int, units), strict=True))
        return Holdings(
            coins={name: held[name] for name in self._at.coins},
            aid=account.aid,
            shares=account.shares,
            pending_shares=position.active + position.upcoming,
            claimable_aid=position.claim_assets,
            vault_shares={name: held[name] for name in self._at.vaults},
            debt=self._debts[who],
            liquidity={name: held[name] for name in self._pools.venues},
            deals=self._desk.participations(who) if self._desk is not None else {},
        )

    def balance(self, token: str, who: str) -> int:
        """See `World`."""
        return int(self._node.call(self._tokens[token].balanceOf, self._address(who)))

    def aid_holders(self) -> Mapping[str, int]:
        """See `World`."""
        names = [*self._at.actors, *self._contracts]
        accounts = self._shot(accounts=True).accounts
        held = {name: account.aid for name, account in zip(names, accounts, strict=True)}
        pools = self.snapshot().pools.items()
        held |= {f"pool {name}": state.held[AID] for name, state in pools if AID in state.held}
        if self._venues is not None:
            held |= self._venues.aid_holders()
        return held if self._desk is None else {**held, **self._desk.aid_holders()}

    def settlements(self) -> Sequence[Settlement]:
        """See `World`."""
        found = []
        logs = self._node.logs(self._staked.CycleSettled, self._staked.address, self._at.first_block)
        for (cycle,), (pending, filled, paid) in logs:
            if pending:
                end = self._node.call(self._staked.cycle_start, cycle + 1)
                price = paid * WAD // filled if filled else self.snapshot().staking.price_exit
                found.append(Settlement(cycle, end, pending, filled, paid, price))
        return found

    def network(self) -> Mapping[str, str | int]:
        """See `World`."""
        provider = self._node.provider
        return {
            "name": str(provider.network_choice),
            **self._upstream,
            "chain_id": self._node.chain_id,
            "block": self._node.block(),
            "client": str(provider.web3.client_version),
            **(self._venues.addresses if self._venues is not None else {}),
            **{name: entry.address for name, entry in self._at.protocol.book.contracts.items()},
            "portfolio": str(self._at.portfolio.address),
        }
