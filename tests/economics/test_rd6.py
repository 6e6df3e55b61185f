"""RD6: one captured key cannot hold the protocol, and an installation ends closed."""

from pathlib import Path

import pytest
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from pydantic import ValidationError

from integrations.protocol.config import load_config
from integrations.protocol.errors import ProtocolError
from tests.economics import speech
from tests.economics.world import DAY, ZERO, deploy

DELAY = 2 * DAY
PROPOSER, CANCELLER = keccak(text="PROPOSER_ROLE"), keccak(text="CANCELLER_ROLE")
NOTHING = bytes(32)


@pytest.fixture
def council(reserve, project):
    """A timelock of two proposers, holder and staker; two others cancel where that is a part of its own."""
    world = reserve
    names = [entry.name.lstrip("_") for entry in project.Timelock.contract_type.constructor.inputs]
    who = world.addresses
    given = {
        "roles": who["roles"],
        "min_delay": DELAY,
        "proposers": [who["holder"], who["staker"]],
        "cancellers": [who["leaver"], who["friend"]],
        "executors": [ZERO],
        "admin": ZERO,
    }
    deploy(world, "timelock", project.Timelock, *(given[name] for name in names))
    return world


def revocation(world, role, who):
    """The call by which the timelock takes a role from one of its members."""
    data = world.timelock.revokeRole(role, world.addresses[who]).data
    return world.timelock.address, 0, bytes.fromhex(data[2:]), NOTHING


def cancellation(world, operation, salt):
    """Of a whole operation, or of its hash."""
    if speech.has(world.timelock, "cancel", 5):
        return world.timelock.cancel(*operation, salt)
    types = ["address", "uint256", "bytes", "bytes32", "bytes32"]
    return world.timelock.cancel(keccak(encode(types, [*operation, salt])))


def member(world, role, who):
    return world.view(world.timelock.hasRole(role, world.addresses[who]))


def test_rd6a__a_captured_proposer__cannot_cancel_its_own_removal(council):
    # given: holder's key is captured; staker wants it out
    world = council
    operation = revocation(world, PROPOSER, "holder")
    cancelled = 0
    # when: five times in a row
    for number in range(5):
        salt = number.to_bytes(32, "big")
        world.act("staker", world.timelock.schedule(*operation, salt, DELAY))
        cancelled += world.attempt("holder", cancellation(world, operation, salt)) is None
        world.go(world.now + DELAY + 60)
        world.attempt("stranger", world.timelock.execute(*operation, salt))
    # then
    assert not member(world, PROPOSER, "holder"), f"it cancelled its own removal {cancelled} times of 5"


def test_rd6b__a_captured_canceller__cannot_cancel_its_own_removal(council):
    # given: of before, each proposer cancels too
    world = council
    captured = "leaver" if member(world, CANCELLER, "leaver") else "holder"
    operation = revocation(world, CANCELLER, captured)
    # when
    world.act("staker", world.timelock.schedule(*operation, NOTHING, DELAY))
    world.attempt(captured, cancellation(world, operation, NOTHING))
    world.go(world.now + DELAY + 60)
    world.attempt("stranger", world.timelock.execute(*operation, NOTHING))
    # then
    assert not member(world, CANCELLER, captured)


def test_rd6c__an_operation_that_nobody_executes__lapses(council):
    # given: a change that was forgotten
    world = council
    operation = revocation(world, PROPOSER, "holder")
    world.act("staker", world.timelock.schedule(*operation, NOTHING, DELAY))
    # when: ten years later
    world.go(world.now + 3_650 * DAY)
    reason = world.attempt("stranger", world.timelock.execute(*operation, NOTHING))
    # then
    assert reason is not None, "executed ten years later"


def test_rd6d__a_live_configuration_without_a_delay__is_refused(tmp_path):
    # given: mainnet's, as a deployer would fill it in, with a delay of 0 and no guardian
    shipped = Path("integrations/protocol/networks/mainnet.yaml").read_text()
    one, two, vault = (f'"{to_checksum_address(20 * bytes([number]))}"' for number in (161, 162, 163))
    file = tmp_path / "mine.yaml"
    file.write_text(
        f"{shipped}\ngovernance: {{min_delay: 0, proposers: [{one}, {two}]}}\n"
        f"vaults: [{{symbol: TBILL, asset: USDC, vault: {vault}}}]\n"
    )
    # when
    refusal = None
    try:
        load_config(file).require_deployable()
    except (ProtocolError, ValidationError, ValueError) as error:
        refusal = error
    # then: it is the delay, or who must be named beside it, that is refused
    said = str(refusal)
    assert "min_delay" in said or "guardian" in said, f"a timelock of 0 seconds would be deployed: {said}"


def test_rd6e__aid_itself__is_no_coin_of_the_reserve(reserve):
    # given
    world = reserve
    like = vars(world.view(world.configurator.asset_params(world.usdc.address)))
    # when
    reason = world.attempt("governor", world.configurator.add_asset(world.aid.address, tuple(like.values())))
    # then
    assert reason is not None, "AID backs itself"
