"""Operations of a Timelock in tests, where time passes."""

from __future__ import annotations

from typing import Any

import ape

from integrations.protocol import timelock as sdk


class Operation(sdk.Operation):
    """`integrations.protocol.timelock.Operation`, whose calls may be a list."""

    def __init__(self, timelock: Any, calls: Any, salt: bytes = sdk.NONE, **others: Any) -> None:
        super().__init__(timelock, tuple(calls), salt, **others)

    def wait(self, seconds: int = 0) -> None:
        """Let its delay pass, and `seconds` more."""
        ape.chain.pending_timestamp = max(self.ready_at + seconds, ape.chain.pending_timestamp)

    def pass_through(self, proposer: Any, account: Any) -> Any:
        """Schedule it, let its delay pass, execute it."""
        self.schedule(proposer)
        self.wait()
        return self.execute(account)
