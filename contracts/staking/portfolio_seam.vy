# pragma version 0.4.3
"""
@title The staking vault's seam to the credit book
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice How idle AID is lent out, how it comes back, and who bears what is lost.
        Every function is the portfolio's, but for `on_harvest`, the Gateway's.
"""

from . import cycle_terms
from . import vault
from . import vesting
from ..interfaces import IAID
from ..interfaces import IInsuranceFund
from ..interfaces import IPortfolio

uses: cycle_terms
uses: vault
uses: vesting


event Funded:
    amount: uint256


event Collected:
    amount: uint256
    gain: uint256


event Harvested:
    amount: uint256


event LossRealised:
    loss: uint256
    from_vesting: uint256
    from_insurance: uint256
    from_nav: uint256


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
def collect(_amount: uint256, _gain: uint256):
    """
    @notice Takes in what a deal paid: principal, income or recovery. While nobody holds shares it
            goes to the InsuranceFund.
    @param _amount AID wei, pulled from the portfolio under its allowance.
    @param _gain The part by which it exceeds the carrying value it replaces, AID wei; it vests.
    @custom:access The portfolio.
    @custom:reverts "not portfolio", "gain above amount".
    """
    state: vault.State = vault._synced()
    self._check_portfolio()
    assert _gain <= _amount, "gain above amount"
    log Collected(amount=_amount, gain=_gain)
    extcall IAID(vault.AID).transferFrom(msg.sender, self, _amount)
    vault._receive(state, _amount, _gain)


@external
@nonreentrant
def realise_loss(_loss: uint256) -> (uint256, uint256, uint256):
    """
    @notice Bears what a resolved deal lost beyond its own cash reserve and first loss: unvested
            profit first, then the InsuranceFund, then the share price.
    @param _loss Carrying value less recovery, AID wei; the book has dropped it already.
    @return AID wei borne by unvested profit, by the InsuranceFund, and by NAV.
    @custom:access The portfolio.
    @custom:reverts "not portfolio".
    """
    state: vault.State = vault._synced()
    self._check_portfolio()
    from_vesting: uint256 = 0
    from_insurance: uint256 = 0
    # without holders nobody is owed the cover
    if state.supply != 0:
        from_vesting = vesting._absorb(_loss)
        if from_vesting < _loss:
            from_insurance = extcall IInsuranceFund(vault.INSURANCE).cover(_loss - from_vesting)
            vault._store_cash(state.idle + from_insurance, state.claimable)
    from_nav: uint256 = _loss - from_vesting - from_insurance
    log LossRealised(
        loss=_loss, from_vesting=from_vesting, from_insurance=from_insurance, from_nav=from_nav
    )
    return from_vesting, from_insurance, from_nav


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
    vault._receive(state, _amount, _amount)


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
