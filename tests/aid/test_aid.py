"""AID: movement, supply, deny list, pause."""

import pytest
from ape import reverts
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.conftest import LONG
from tests.support.permit import sign_permit

ZERO = "0x" + "00" * 20
WAD = 10**18
DAY = 86_400
MAX_PAUSE = 14 * DAY
COOLDOWN = 7 * DAY
ENDLESS = 2**256 - 1

# whole transaction, distinct parties, every touched slot non-zero before and after
TRANSFER_GAS = 42_000
# as a call from within a transaction that has touched neither AID nor the slots
INNER_MINT_GAS = 19_600
INNER_BURN_GAS = 19_600


@pytest.fixture(scope="module")
def gateway(accounts):
    """An account in the Gateway's place: AID only looks at who calls."""
    return accounts[9]


@pytest.fixture(scope="module")
def aid(project, governor, roles, gateway):
    """AID with its gateway set and nothing minted."""
    aid = governor.deploy(project.AID, roles)
    aid.set_gateway(gateway, sender=governor)
    return aid


@pytest.fixture(scope="module")
def funded(aid, gateway, alice, bob):
    """AID with 1,000 of alice's, of which bob may spend 400, and 10 of bob's."""
    aid.mint(alice, 1_000 * WAD, sender=gateway)
    aid.mint(bob, 10 * WAD, sender=gateway)
    aid.approve(bob, 400 * WAD, sender=alice)
    return aid


@pytest.fixture
def paused(funded, guardian, now):
    """AID paused at `now`."""
    funded.pause(sender=guardian)
    return funded


def movements(aid, gateway, alice, bob, carol):
    """Each way in which AID moves, by name."""
    return {
        "transfer": lambda: aid.transfer(carol, WAD, sender=alice),
        "transferFrom": lambda: aid.transferFrom(alice, carol, WAD, sender=bob),
        "mint": lambda: aid.mint(carol, WAD, sender=gateway),
        "burn_from": lambda: aid.burn_from(alice, WAD, sender=gateway),
        "burn": lambda: aid.burn(WAD, sender=alice),
    }


MOVEMENTS = ["transfer", "transferFrom", "mint", "burn_from", "burn"]


# what it is


def test_deploy__describes_itself(aid, roles, chain):
    assert (aid.name(), aid.symbol(), aid.decimals()) == ("AID", "AID", 18)
    assert aid.totalSupply() == 0
    assert aid.ROLES() == roles
    assert (aid.MAX_PAUSE(), aid.COOLDOWN()) == (MAX_PAUSE, COOLDOWN)
    assert (aid.paused(), aid.paused_until(), aid.cooldown_until()) == (False, 0, 0)
    assert list(aid.eip712Domain())[1:5] == ["AID", "1", chain.chain_id, aid]


def test_deploy__roles_without_code__reverts(project, governor, alice):
    with reverts("no code"):
        governor.deploy(project.AID, alice)


def test_abi__has_no_owner_and_no_second_minter(aid):
    names = {method.name for method in aid.contract_type.methods}

    assert not {"owner", "transfer_ownership", "renounce_ownership", "set_minter", "is_minter"} & names


def test_deploy__deployer__does_not_look_like_a_minter(project, governor, roles):
    aid = governor.deploy(project.AID, roles)

    statuses = [log.status for log in aid.RoleMinterChanged.from_receipt(aid.creation_metadata.receipt)]
    assert statuses == [True, False]
    with reverts("not gateway"):
        aid.mint(governor, 1, sender=governor)


# set_gateway


def test_set_gateway__by_governor__once_and_logs(project, roles, governor, alice, bob):
    aid = governor.deploy(project.AID, roles)
    assert aid.gateway() == ZERO

    tx = aid.set_gateway(alice, sender=governor)

    assert tx.events == [aid.GatewaySet(gateway=alice)]
    assert aid.gateway() == alice
    with reverts("gateway set"):
        aid.set_gateway(bob, sender=governor)


def test_set_gateway__by_stranger__reverts(project, roles, governor, mallory):
    aid = governor.deploy(project.AID, roles)

    with reverts("not governor"):
        aid.set_gateway(mallory, sender=mallory)


def test_set_gateway__zero__reverts(project, roles, governor):
    aid = governor.deploy(project.AID, roles)

    with reverts("zero address"):
        aid.set_gateway(ZERO, sender=governor)


def test_set_gateway__denied__reverts(project, roles, governor, compliance, mallory):
    aid = governor.deploy(project.AID, roles)
    aid.deny(mallory, sender=compliance)

    with reverts("denied"):
        aid.set_gateway(mallory, sender=governor)


def test_set_gateway__while_paused__keeps_the_pause(project, roles, governor, guardian, alice, now):
    aid = governor.deploy(project.AID, roles)
    aid.pause(sender=guardian)
    until = aid.paused_until()

    aid.set_gateway(alice, sender=governor)

    assert (aid.gateway(), aid.paused_until(), aid.cooldown_until()) == (alice, until, until + COOLDOWN)


# mint and burn


def test_mint__by_gateway__creates_and_logs(aid, gateway, alice):
    tx = aid.mint(alice, 5 * WAD, sender=gateway)

    assert tx.events == [aid.Transfer(sender=ZERO, receiver=alice, value=5 * WAD)]
    assert (aid.balanceOf(alice), aid.totalSupply()) == (5 * WAD, 5 * WAD)


def test_burn_from__by_gateway__needs_no_allowance(funded, gateway, alice):
    tx = funded.burn_from(alice, 300 * WAD, sender=gateway)

    assert tx.events == [funded.Transfer(sender=alice, receiver=ZERO, value=300 * WAD)]
    assert (funded.balanceOf(alice), funded.totalSupply()) == (700 * WAD, 710 * WAD)


def test_burn_from__more_than_held__reverts(funded, gateway, alice):
    with reverts("erc20: burn amount exceeds balance"):
        funded.burn_from(alice, 1_000 * WAD + 1, sender=gateway)


def test_burn__of_ones_own__destroys_it(funded, alice):
    tx = funded.burn(300 * WAD, sender=alice)

    assert tx.events == [funded.Transfer(sender=alice, receiver=ZERO, value=300 * WAD)]
    assert (funded.balanceOf(alice), funded.totalSupply()) == (700 * WAD, 710 * WAD)


def test_burn__more_than_held__reverts(funded, alice):
    with reverts("erc20: burn amount exceeds balance"):
        funded.burn(1_000 * WAD + 1, sender=alice)


@pytest.mark.parametrize("who", ["governor", "alice"])
def test_mint_and_burn__not_gateway__revert(funded, request, alice, who):
    caller = request.getfixturevalue(who)

    with reverts("not gateway"):
        funded.mint(alice, 1, sender=caller)
    with reverts("not gateway"):
        funded.burn_from(alice, 1, sender=caller)


def test_mint__to_zero__reverts(aid, gateway):
    with reverts("erc20: mint to the zero address"):
        aid.mint(ZERO, 1, sender=gateway)


# transfer


def test_transfer__moves_and_logs(funded, alice, carol):
    tx = funded.transfer(carol, 7 * WAD, sender=alice)

    assert tx.return_value is True
    assert tx.events == [funded.Transfer(sender=alice, receiver=carol, value=7 * WAD)]
    assert (funded.balanceOf(alice), funded.balanceOf(carol)) == (993 * WAD, 7 * WAD)
    assert funded.totalSupply() == 1_010 * WAD


@pytest.mark.parametrize("amount", [0, 1_000 * WAD])
def test_transfer__to_oneself__changes_nothing(funded, alice, amount):
    funded.transfer(alice, amount, sender=alice)

    assert funded.balanceOf(alice) == 1_000 * WAD


def test_transfer__more_than_held__reverts(funded, alice, carol):
    with reverts("erc20: transfer amount exceeds balance"):
        funded.transfer(carol, 1_000 * WAD + 1, sender=alice)


def test_transfer__to_zero__reverts(funded, alice):
    with reverts("erc20: transfer to the zero address"):
        funded.transfer(ZERO, 1, sender=alice)


def test_transfer_from__with_allowance__spends_it(funded, alice, bob, carol):
    tx = funded.transferFrom(alice, carol, 150 * WAD, sender=bob)

    assert tx.events == [
        funded.Approval(owner=alice, spender=bob, value=250 * WAD),
        funded.Transfer(sender=alice, receiver=carol, value=150 * WAD),
    ]
    assert funded.allowance(alice, bob) == 250 * WAD
    assert funded.balanceOf(carol) == 150 * WAD


def test_transfer_from__endless_allowance__stays(funded, alice, bob, carol):
    funded.approve(bob, ENDLESS, sender=alice)

    funded.transferFrom(alice, carol, 150 * WAD, sender=bob)

    assert funded.allowance(alice, bob) == ENDLESS


def test_transfer_from__beyond_allowance__reverts(funded, alice, bob, carol):
    with reverts("erc20: insufficient allowance"):
        funded.transferFrom(alice, carol, 400 * WAD + 1, sender=bob)


def test_transfer_from__own_without_allowance__reverts(funded, alice, carol):
    with reverts("erc20: insufficient allowance"):
        funded.transferFrom(alice, carol, 1, sender=alice)


def test_permit__signed__approves_once(funded, alice, carol, chain, now):
    signature = sign_permit(funded, alice, carol, 5 * WAD, now + DAY)

    tx = funded.permit(alice, carol, 5 * WAD, now + DAY, *signature, sender=carol)

    assert tx.events == [funded.Approval(owner=alice, spender=carol, value=5 * WAD)]
    assert (funded.allowance(alice, carol), funded.nonces(alice)) == (5 * WAD, 1)
    with reverts("erc20: invalid signature"):
        funded.permit(alice, carol, 5 * WAD, now + DAY, *signature, sender=carol)


def test_permit__a_second_late__reverts(funded, alice, carol, chain, now):
    signature = sign_permit(funded, alice, carol, 1, now - 1)

    with reverts("erc20: expired deadline"):
        funded.permit(alice, carol, 1, now - 1, *signature, sender=carol)


def test_permit__of_another_chain__reverts(funded, alice, carol, now):
    signature = sign_permit(funded, alice, carol, 1, now, chain_id=5)

    with reverts("erc20: invalid signature"):
        funded.permit(alice, carol, 1, now, *signature, sender=carol)


# deny list


def test_deny__by_compliance__logs_until_allowed(aid, compliance, mallory):
    assert aid.deny(mallory, sender=compliance).events == [aid.Denied(account=mallory)]
    assert aid.is_denied(mallory)

    assert aid.allow(mallory, sender=compliance).events == [aid.Allowed(account=mallory)]
    assert not aid.is_denied(mallory)


@pytest.mark.parametrize("who", ["governor", "guardian", "mallory"])
def test_deny_and_allow__not_compliance__revert(aid, request, alice, who):
    caller = request.getfixturevalue(who)

    with reverts("not compliance"):
        aid.deny(alice, sender=caller)
    with reverts("not compliance"):
        aid.allow(alice, sender=caller)


@pytest.mark.parametrize("whom", ["zero", "aid", "gateway"])
def test_deny__whose_denial_would_stop_everyone__reverts(aid, request, compliance, whom):
    account = ZERO if whom == "zero" else request.getfixturevalue(whom)

    with reverts("cannot deny"):
        aid.deny(account, sender=compliance)


def test_set_protected__by_governor__makes_denial_impossible_until_undone(aid, roles, governor, compliance):
    tx = aid.set_protected(roles, True, sender=governor)

    assert tx.events == [aid.ProtectionSet(account=roles, protected=True)]
    assert aid.is_protected(roles)
    with reverts("cannot deny"):
        aid.deny(roles, sender=compliance)
    aid.set_protected(roles, False, sender=governor)
    aid.deny(roles, sender=compliance)
    assert aid.is_denied(roles)


def test_set_protected__of_a_denied_contract__allows_it(aid, roles, governor, compliance):
    aid.deny(roles, sender=compliance)

    tx = aid.set_protected(roles, True, sender=governor)

    assert tx.events == [aid.Allowed(account=roles), aid.ProtectionSet(account=roles, protected=True)]
    assert not aid.is_denied(roles)


@pytest.mark.parametrize("who", ["guardian", "compliance", "mallory"])
def test_set_protected__not_governor__reverts(aid, roles, request, who):
    with reverts("not governor"):
        aid.set_protected(roles, True, sender=request.getfixturevalue(who))


def test_set_protected__of_somebody__reverts(aid, governor, alice):
    with reverts("no code"):
        aid.set_protected(alice, True, sender=governor)


@pytest.mark.parametrize("denied", ["alice", "bob", "carol"])
@pytest.mark.parametrize("movement", MOVEMENTS)
def test_movement__party_denied__reverts(
    funded, request, compliance, gateway, alice, bob, carol, movement, denied
):
    parties = {
        "transfer": {"alice", "carol"},
        "transferFrom": {"alice", "bob", "carol"},
        "mint": {"carol"},
        "burn_from": {"alice"},
        "burn": {"alice"},
    }[movement]
    funded.deny(request.getfixturevalue(denied), sender=compliance)
    move = movements(funded, gateway, alice, bob, carol)[movement]

    if denied in parties:
        with reverts("denied"):
            move()
    else:
        move()


def test_transfer_from__own_when_denied__reverts(funded, compliance, alice, carol):
    funded.approve(alice, WAD, sender=alice)
    funded.deny(alice, sender=compliance)

    with reverts("denied"):
        funded.transferFrom(alice, carol, WAD, sender=alice)


def test_allow__denied_before__moves_again(funded, compliance, alice, carol):
    funded.deny(alice, sender=compliance)
    funded.allow(alice, sender=compliance)

    funded.transfer(carol, WAD, sender=alice)

    assert funded.balanceOf(carol) == WAD


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ("alice bob carol", False),
        ("mallory bob carol", True),
        ("alice mallory carol", True),
        ("alice bob mallory", True),
        ("zero zero zero", False),
        ("alice zero mallory", True),
    ],
)
def test_any_denied__one_of_three(aid, request, compliance, mallory, places, expected):
    aid.deny(mallory, sender=compliance)
    accounts = [ZERO if name == "zero" else request.getfixturevalue(name) for name in places.split()]

    assert aid.any_denied(*accounts) is expected


# pause


def test_pause__by_guardian__logs_its_end(funded, guardian, now):
    tx = funded.pause(sender=guardian)

    assert tx.events == [funded.Paused(until=now + MAX_PAUSE)]
    assert funded.paused()
    assert (funded.paused_until(), funded.cooldown_until()) == (now + MAX_PAUSE, now + MAX_PAUSE + COOLDOWN)


@pytest.mark.parametrize("who", ["governor", "compliance", "mallory"])
def test_pause__not_guardian__reverts(aid, request, who):
    with reverts("not guardian"):
        aid.pause(sender=request.getfixturevalue(who))


@pytest.mark.parametrize("movement", MOVEMENTS)
def test_movement__while_paused__reverts(paused, gateway, alice, bob, carol, movement):
    with reverts("paused"):
        movements(paused, gateway, alice, bob, carol)[movement]()


def test_approvals__while_paused__go_on(paused, alice, bob, carol, chain, now):
    paused.approve(carol, WAD, sender=bob)
    signature = sign_permit(paused, alice, carol, 2 * WAD, now + DAY)
    paused.permit(alice, carol, 2 * WAD, now + DAY, *signature, sender=carol)

    assert (paused.allowance(bob, carol), paused.allowance(alice, carol)) == (WAD, 2 * WAD)


def test_deny__while_paused__goes_on_and_keeps_the_pause(paused, compliance, mallory, now):
    paused.deny(mallory, sender=compliance)

    assert paused.is_denied(mallory)
    assert paused.paused_until() == now + MAX_PAUSE


@pytest.mark.parametrize("movement", MOVEMENTS)
def test_pause__by_guardian__ends_by_itself(paused, gateway, alice, bob, carol, chain, now, movement):
    move = movements(paused, gateway, alice, bob, carol)[movement]

    chain.pending_timestamp = now + MAX_PAUSE - 1
    with reverts("paused"):
        move()
    chain.pending_timestamp = now + MAX_PAUSE
    move()

    assert not paused.paused()


@pytest.mark.parametrize("after", [1, MAX_PAUSE, MAX_PAUSE + COOLDOWN - 1])
def test_pause__before_cooldown_is_over__reverts(paused, guardian, chain, now, after):
    chain.pending_timestamp = now + after

    with reverts("pause cooldown"):
        paused.pause(sender=guardian)


def test_pause__cooldown_over__pauses_again(paused, guardian, chain, now):
    again = now + MAX_PAUSE + COOLDOWN
    chain.pending_timestamp = again

    paused.pause(sender=guardian)

    assert paused.paused_until() == again + MAX_PAUSE


def test_unpause__by_governor__moves_at_once_and_cools_down_from_then(
    paused, governor, guardian, alice, carol, chain, now
):
    chain.pending_timestamp = now + DAY
    tx = paused.unpause(sender=governor)

    assert tx.events == [paused.Unpaused()]
    assert (paused.paused(), paused.paused_until()) == (False, now + DAY)
    paused.transfer(carol, WAD, sender=alice)
    chain.pending_timestamp = now + DAY + COOLDOWN - 1
    with reverts("pause cooldown"):
        paused.pause(sender=guardian)
    chain.pending_timestamp = now + DAY + COOLDOWN
    paused.pause(sender=guardian)
    assert paused.paused()


@pytest.mark.parametrize("who", ["guardian", "compliance", "mallory"])
def test_unpause__not_governor__reverts(paused, request, who):
    with reverts("not governor"):
        paused.unpause(sender=request.getfixturevalue(who))


def test_unpause__never_paused__reverts(aid, governor):
    with reverts("not paused"):
        aid.unpause(sender=governor)


def test_unpause__after_the_end__reverts_and_keeps_the_cooldown(paused, governor, chain, now):
    chain.pending_timestamp = now + MAX_PAUSE

    with reverts("not paused"):
        paused.unpause(sender=governor)
    assert paused.cooldown_until() == now + MAX_PAUSE + COOLDOWN


# the clock that pauses stop


def test_unpaused_seconds__without_a_pause__are_unix_time(aid, chain):
    assert aid.unpaused_seconds() == chain.blocks.head.timestamp
    chain.mine(deltatime=DAY)
    assert aid.unpaused_seconds() == chain.blocks.head.timestamp


def test_unpaused_seconds__stand_still_during_a_pause_and_go_on_from_there(paused, chain, now):
    for second, clock in (
        (now + 1, now),
        (now + MAX_PAUSE - 1, now),
        (now + MAX_PAUSE, now),
        (now + MAX_PAUSE + 5, now + 5),
        (now + 3 * MAX_PAUSE, now + 2 * MAX_PAUSE),
    ):
        chain.mine(timestamp=second)
        assert paused.unpaused_seconds() == clock


def test_unpaused_seconds__after_an_early_end_and_a_second_pause__lack_what_was_paused(
    paused, governor, guardian, chain, now
):
    chain.pending_timestamp = now + 3 * DAY
    paused.unpause(sender=governor)
    assert paused.unpaused_seconds() == now
    chain.pending_timestamp = now + 13 * DAY
    paused.pause(sender=guardian)
    for second, clock in ((now + 20 * DAY, now + 10 * DAY), (now + 30 * DAY, now + 13 * DAY)):
        chain.mine(timestamp=second)
        assert paused.unpaused_seconds() == clock


# gas


def test_transfer__warm_slots__gas_within_bound(funded, alice, bob):
    funded.transfer(bob, WAD, sender=alice)

    tx = funded.transfer(bob, 123_456_789 * 10**9, sender=alice)

    assert tx.gas_used <= TRANSFER_GAS


def test_mint_and_burn_from__as_inner_calls__gas_within_bound(project, roles, governor, alice, bob):
    """What the calls add to a transaction, by the difference to one that calls an account without code."""
    aid, caller = governor.deploy(project.AID, roles), governor.deploy(project.Caller)
    aid.set_gateway(caller, sender=governor)
    mint, burn = aid.mint.encode_input(alice, 3 * WAD), aid.burn_from.encode_input(alice, 2 * WAD)
    for payload in (mint, aid.mint.encode_input(bob, WAD)):
        caller.forward(aid, payload, sender=governor)

    def added(payload):
        baseline = caller.forward(bob, payload, sender=governor).gas_used  # the same cold account, no code
        return caller.forward(aid, payload, sender=governor).gas_used - baseline + 2_600

    assert added(mint) <= INNER_MINT_GAS
    assert added(burn) <= INNER_BURN_GAS


# any history


def test_any_history__supply_is_the_sum_of_balances(
    chain, project, roles, governor, guardian, compliance, gateway, accounts
):
    """Random movements, denials and pauses against a model: same balances, same reasons."""
    aid = governor.deploy(project.AID, roles)
    aid.set_gateway(gateway, sender=governor)
    holders = accounts[4:7]
    for spender in holders:
        aid.approve(spender, 50 * WAD, sender=holders[0])
    who, amount = st.sampled_from(range(3)), st.integers(0, 100 * WAD)

    class Machine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.snapshot = chain.snapshot()
            self.balances, self.denied = [0, 0, 0], set()
            self.allowances = {(0, spender): 50 * WAD for spender in range(3)}
            self.paused_until = self.cooldown_until = 0
            self.pauses = []

        def teardown(self):
            chain.restore(self.snapshot)

        def call(self, reason, method, *args, sender):
            if reason is None:
                return getattr(aid, method)(*args, sender=sender)
            with reverts(reason):
                getattr(aid, method).call(*args, sender=sender)
            return None

        def blocked(self, *parties):
            if chain.blocks.head.timestamp < self.paused_until:
                return "paused"
            return "denied" if self.denied & set(parties) else None

        @rule(to=who, value=amount)
        def mint(self, to, value):
            if self.call(self.blocked(to), "mint", holders[to], value, sender=gateway):
                self.balances[to] += value

        @rule(owner=who, value=amount)
        def burn(self, owner, value):
            reason = self.blocked(owner)
            if reason is None and value > self.balances[owner]:
                reason = "erc20: burn amount exceeds balance"
            if self.call(reason, "burn_from", holders[owner], value, sender=gateway):
                self.balances[owner] -= value

        @rule(owner=who, to=who, value=amount)
        def transfer(self, owner, to, value):
            reason = self.blocked(owner, to)
            if reason is None and value > self.balances[owner]:
                reason = "erc20: transfer amount exceeds balance"
            if self.call(reason, "transfer", holders[to], value, sender=holders[owner]):
                self.balances[owner] -= value
                self.balances[to] += value

        @rule(spender=who, owner=who, to=who, value=amount)
        def transfer_from(self, spender, owner, to, value):
            reason = self.blocked(spender, owner, to)
            if reason is None and value > self.allowances.get((owner, spender), 0):
                reason = "erc20: insufficient allowance"
            if reason is None and value > self.balances[owner]:
                reason = "erc20: transfer amount exceeds balance"
            args = (holders[owner], holders[to], value)
            if self.call(reason, "transferFrom", *args, sender=holders[spender]):
                self.balances[owner] -= value
                self.balances[to] += value
                self.allowances[owner, spender] = self.allowances.get((owner, spender), 0) - value

        @rule(of=who)
        def deny_or_allow(self, of):
            method = "allow" if of in self.denied else "deny"
            getattr(aid, method)(holders[of], sender=compliance)
            self.denied ^= {of}

        @rule()
        def pause(self):
            cooling = chain.blocks.head.timestamp < self.cooldown_until
            tx = self.call("pause cooldown" if cooling else None, "pause", sender=guardian)
            if tx:
                self.paused_until = tx.timestamp + MAX_PAUSE
                self.cooldown_until = self.paused_until + COOLDOWN
                self.pauses.append((tx.timestamp, self.paused_until))

        @rule()
        def unpause(self):
            idle = chain.blocks.head.timestamp >= self.paused_until
            tx = self.call("not paused" if idle else None, "unpause", sender=governor)
            if tx:
                self.paused_until, self.cooldown_until = tx.timestamp, tx.timestamp + COOLDOWN
                self.pauses[-1] = (self.pauses[-1][0], tx.timestamp)

        @rule(days=st.sampled_from([1, 8, 15]))
        def wait(self, days):
            chain.mine(deltatime=days * DAY)

        @invariant()
        def balances_as_modelled(self):
            assert [aid.balanceOf(holder) for holder in holders] == self.balances
            assert aid.totalSupply() == sum(self.balances)
            assert aid.paused_until() == self.paused_until
            now = chain.blocks.head.timestamp
            paused = sum(min(until, now) - start for start, until in self.pauses)
            assert aid.unpaused_seconds() == now - paused

    run_state_machine_as_test(
        Machine, settings=settings(max_examples=100 if LONG else 6, stateful_step_count=12, deadline=None)
    )
