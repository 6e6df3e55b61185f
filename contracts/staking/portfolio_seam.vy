# pragma version 0.4.3
"""
@title The staking vault's seam to the credit book
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice How idle AID is lent out, how it comes back, and who bears what is lost.
        Every function is the portfolio's, but for `on_harvest`, the Gateway's, and
        `on_release`, the InsuranceFund's.
"""

from . import cycle_terms
from . import cycles
from . import vault
from . import vesting
from ..interfaces import IAID
from ..interfaces import IInsuranceFund
from ..interfaces import IPortfolio

uses: cycle_terms
uses: cycles
uses: vault
uses: vesting


event Funded:
    amount: uint256


event Collected:
    amount: uint256
    gain: uint256
    release: uint256


event Recovered:
    amount: uint256
    insured: uint256


event Harvested:
    amount: uint256


event LossRealised:
    loss: uint256
    from_vesting: uint256
    from_release: uint256
    from_insurance: uint256
    from_nav: uint256
    release: uint256


event PortfolioSet:
    portfolio: indexed(address)


@external
@nonreentrant
def fund(_amount: uint256):
    """
    @notice Lends idle AID to the portfolio, whose book must carry it at `_amount` afterwards.
    @param _amount AID wei.
    @custom:access The portfolio.
    @custom:reverts "not portfolio", "reserve floor" unless idle - pending shares at the exit
                    price (up) stays at the floor's share of exit assets (up).
    """
    state: vault.State = vault._synced()
    self._check_portfolio()
    exit_assets: uint256 = vault._exit_assets(state)
    pending: uint256 = state.queue.active + state.queue.upcoming
    floor_bps: uint256 = cycle_terms._terms_of(state.queue.cycle).reserve_floor_bps
    kept_up: uint256 = vault._mul_div_up(
        pending, exit_assets + vault.VIRTUAL, state.supply + vault.VIRTUAL
    ) + vault._mul_div_up(exit_assets, floor_bps, vault.BPS)
    assert state.idle >= _amount + kept_up, "reserve floor"
    vault._store_cash(state.idle - _amount, state.claimable)
    log Funded(amount=_amount)
    extcall IAID(vault.AID).transfer(msg.sender, _amount)


@external
@nonreentrant
def collect(_amount: uint256, _gain: uint256, _release: uint256, _period: uint256):
    """
    @notice Take in what a deal paid: principal, income or recovery. While nobody holds shares it
            goes to the InsuranceFund.
    @param _amount AID wei, pulled from the portfolio under its allowance.
    @param _gain The part by which it exceeds the carrying value it replaces, AID wei; it vests.
    @param _release Impairment that the payment lifts, AID wei, up; it vests over `_period`.
    @param _period Seconds.
    @custom:access The portfolio.
    @custom:reverts "not portfolio", "gain above amount".
    """
    state: vault.State = vault._synced()
    self._check_portfolio()
    assert _gain <= _amount, "gain above amount"
    log Collected(amount=_amount, gain=_gain, release=_release)
    extcall IAID(vault.AID).transferFrom(msg.sender, self, _amount)
    vault._receive(state, _amount, _gain, _release, _period)


@external
@nonreentrant
def realise_loss(
    _loss: uint256, _impaired: uint256, _period: uint256
) -> (uint256, uint256, uint256, uint256):
    """
    @notice Bear what a resolved deal lost beyond its own cash reserve and first loss: unvested
            profit first, then unvested releases, then the InsuranceFund, then the share price.
    @dev Impairment has taken `_impaired` out of exit assets already. What profit and insurance
         bear of that part would lift them in one step: it becomes a release. Without a whole share
         nobody is owed the cover.
    @param _loss Carrying value less recovery, AID wei; the book has dropped it already.
    @param _impaired Impairment that the book has dropped with it, AID wei.
    @param _period Seconds over which such a release vests.
    @return AID wei borne by unvested profit, by unvested releases (at most what was not impaired),
            by the InsuranceFund, and by NAV.
    @custom:access The portfolio.
    @custom:reverts "not portfolio".
    """
    state: vault.State = vault._synced()
    self._check_portfolio()
    sudden: uint256 = _loss - min(_loss, _impaired)
    from_vesting: uint256 = 0
    from_release: uint256 = 0
    from_insurance: uint256 = 0
    release: uint256 = 0
    if state.supply != 0:
        from_vesting = vesting._absorb_profit(_loss)
        from_release = vesting._absorb_releases(sudden - min(sudden, from_vesting))
        left: uint256 = _loss - from_vesting - from_release
        if left != 0 and state.supply >= vault.WAD:
            from_insurance = extcall IInsuranceFund(vault.INSURANCE).cover(left)
            vault._store_cash(state.idle + from_insurance, state.claimable)
        borne: uint256 = from_vesting + from_release + from_insurance
        release = borne - min(borne, sudden)
        vesting._add_release(release, _period)
    from_nav: uint256 = _loss - from_vesting - from_release - from_insurance
    log LossRealised(
        loss=_loss,
        from_vesting=from_vesting,
        from_release=from_release,
        from_insurance=from_insurance,
        from_nav=from_nav,
        release=release,
    )
    return from_vesting, from_release, from_insurance, from_nav


@external
@nonreentrant
def recover(_amount: uint256, _insured: uint256):
    """
    @notice Take in late money for a loss that was realised: first what the InsuranceFund had paid,
            the rest for the holders. It begins to vest at the end of the running cycle, over one
            cycle and its request window: who is in line for that end gets none of it. All goes to
            the InsuranceFund while the holders together have less than one share.
    @param _amount AID wei, pulled from the portfolio under its allowance.
    @param _insured The InsuranceFund's part, AID wei.
    @custom:access The portfolio.
    @custom:reverts "not portfolio", "insured above amount".
    """
    state: vault.State = vault._synced()
    self._check_portfolio()
    assert _insured <= _amount, "insured above amount"
    insured: uint256 = _insured
    if state.supply < vault.WAD:
        insured = _amount
    log Recovered(amount=_amount, insured=insured)
    extcall IAID(vault.AID).transferFrom(msg.sender, self, _amount)
    vault._feed_insurance(insured)
    vault._store_cash(state.idle + _amount - insured, state.claimable)
    vesting._add_late(
        _amount - insured,
        cycles._cycle_start(state.queue.cycle + 1),
        cycles.CYCLE_LENGTH + cycle_terms._terms_of(state.queue.cycle + 1).window,
    )


@external
@nonreentrant
def on_harvest(_amount: uint256):
    """
    @notice Books reserve income that the Gateway has just minted to this vault; it vests.
    @param _amount AID wei.
    @custom:access The Gateway.
    @custom:reverts "not gateway".
    """
    state: vault.State = vault._synced()
    assert msg.sender == vault.GATEWAY, "not gateway"
    log Harvested(amount=_amount)
    vault._receive(state, _amount, _amount, 0, 0)


@external
@nonreentrant
def on_release(_amount: uint256):
    """
    @notice Book what the InsuranceFund has sent for good after a wind-down; it vests.
    @param _amount AID wei.
    @custom:access The InsuranceFund.
    @custom:reverts "not insurance".
    """
    state: vault.State = vault._synced()
    assert msg.sender == vault.INSURANCE, "not insurance"
    log Harvested(amount=_amount)
    vault._receive(state, _amount, _amount, 0, 0)


@external
@nonreentrant
def set_portfolio(_portfolio: address):
    """
    @notice Attaches the credit book; a former one must be worth zero.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "no code", "book not empty".
    """
    vault._check_governor()
    vault._sync()
    assert _portfolio.is_contract, "no code"
    self._check_empty(vault._portfolio())
    self._check_empty(_portfolio)
    vault._config = (vault._config & ~vault.MASK_160) | convert(_portfolio, uint256)
    log PortfolioSet(portfolio=_portfolio)


@external
@view
def portfolio() -> address:
    """
    @notice The attached credit book, or the zero address.
    """
    return vault._portfolio()


@internal
@view
def _check_empty(_book: address):
    if _book != empty(address):
        # impairment never exceeds gross value
        assert (staticcall IPortfolio(_book).value_at(block.timestamp))[0] == 0, "book not empty"


@internal
@view
def _check_portfolio():
    assert msg.sender == vault._portfolio(), "not portfolio"
