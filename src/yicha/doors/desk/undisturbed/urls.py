"""Addresses of the undisturbed list."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.undisturbed import acts, bulk, discovery, rows, views

urlpatterns = [
    path("", views.Listings.as_view(), name="list"),
    path("nominate/", acts.Nominate.as_view(), name="nominate"),
    path("review/", bulk.ReviewMany.as_view(), name="review_many"),
    path("candidates/", views.Candidates.as_view(), name="candidates"),
    path("candidates/nominate/", bulk.NominateMany.as_view(), name="nominate_many"),
    path("discovery/", discovery.Discoveries.as_view(), name="discovery"),
    path("discovery/<uuid:uuid>/", discovery.DiscoveryProgress.as_view(), name="discovery_progress"),
    path("items/", rows.SparedItems.as_view(), name="items"),
    path("items/new/", rows.NewSparedItem.as_view(), name="new_item"),
    path("criteria/", rows.Criteria.as_view(), name="criteria"),
    path("criteria/new/", rows.NewCriterion.as_view(), name="new_criterion"),
    path("trades/", rows.Trades.as_view(), name="trades"),
    path("trades/new/", rows.NewTrade.as_view(), name="new_trade"),
    path("<uuid:uuid>/review/", acts.Review.as_view(), name="review"),
    path("<uuid:uuid>/decline/", acts.Decline.as_view(), name="decline"),
    path("<uuid:uuid>/object/", acts.ObjectTo.as_view(), name="object_to"),
    path("<uuid:uuid>/review-again/", acts.ReviewAgain.as_view(), name="review_again"),
    path("<uuid:uuid>/withdraw/", acts.Withdraw.as_view(), name="withdraw"),
    path("<uuid:uuid>/suspend/", acts.Suspend.as_view(), name="suspend"),
    path("<uuid:uuid>/restore/", acts.Restore.as_view(), name="restore"),
    path("<uuid:uuid>/remove/", acts.Remove.as_view(), name="remove"),
    path("<uuid:uuid>/", views.ListingPage.as_view(), name="object"),
    path("<uuid:uuid>/<slug:tab>/", views.ListingPage.as_view(), name="tab"),
]
ENTRIES = [
    Entry(_("Undisturbed list"), "desk:undisturbed:list", "undisturbed.view", "shield-check", "know", 60),
]
