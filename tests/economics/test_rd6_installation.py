"""RD6: the protocol's own pools cannot be frozen; a second deployment opens nothing."""

import pytest

from integrations.protocol.errors import ProtocolError


@pytest.mark.parametrize("entry", ["pool.AID-USDC", "pool.sAID-AID"])
def test_rd6f__the_protocols_own_pools__cannot_be_denied(reserve, protocol, entry):
    # given
    world = reserve
    pool = str(protocol.contract(entry).address)
    # when
    world.attempt("compliance", world.aid.deny(pool))
    # then
    assert not world.view(world.aid.is_denied(pool)), "everybody's coins in it are frozen"


def test_rd6g__a_second_deployment__opens_nothing_that_the_guardian_has_closed(reserve, protocol, people):
    # given: deposits, minting and a coin are closed
    world = reserve
    limits = world.view(world.vault.deposit_limits())
    world.act("guardian", world.vault.set_deposit_limits(limits[0] // 10**18 // 2, True))
    world.act("guardian", world.configurator.pause_mint())
    world.act("guardian", world.configurator.pause_asset(world.usdc.address, True, True))
    # when: somebody runs the deployment again
    world.node.rpc("evm_setAutomine", True)
    try:
        type(protocol).deploy(people.governor, protocol.config, book=protocol.book)
    except ProtocolError:
        pass  # refusing is as good
    finally:
        world.node.rpc("evm_setAutomine", False)
    # then
    assert world.view(world.vault.deposit_limits())[1], "deposits are open again"
    assert world.view(world.configurator.mint_paused()), "minting is open again"
    assert list(world.view(world.configurator.asset_paused(world.usdc.address))) == [True, True]
