"""The portal: for enterprises that sign in. They see what concerns them, and nothing else."""

from __future__ import annotations

from django.urls import path

from yicha.doors.portal import coming, days, messages, repairs, standards, standing, views

app_name = "portal"
urlpatterns = [
    path("", views.Start.as_view(), name="start"),
    path("<str:uscc>/", views.Home.as_view(), name="home"),
    path("<str:uscc>/visits/", views.Visits.as_view(), name="visits"),
    path("<str:uscc>/visits/<uuid:uuid>/", views.OneVisit.as_view(), name="visit"),
    path("<str:uscc>/messages/", messages.Inbox.as_view(), name="messages"),
    path("<str:uscc>/messages/<uuid:uuid>/", messages.OneMessage.as_view(), name="message"),
    path("<str:uscc>/messages/<uuid:uuid>/read/", messages.Read.as_view(), name="message_read"),
    path("<str:uscc>/messages/<uuid:uuid>/file/", messages.Download.as_view(), name="message_file"),
    path("<str:uscc>/coming/", coming.Coming.as_view(), name="coming"),
    path("<str:uscc>/coming/<uuid:uuid>/other-day/", coming.AskSlot.as_view(), name="ask_slot"),
    path("<str:uscc>/settings/", days.Settings.as_view(), name="settings"),
    path("<str:uscc>/settings/days/new/", days.AddWish.as_view(), name="wish_add"),
    path("<str:uscc>/settings/days/<uuid:uuid>/remove/", days.RemoveWish.as_view(), name="wish_remove"),
    path("<str:uscc>/settings/addresses/new/", days.AddAddress.as_view(), name="address_add"),
    path(
        "<str:uscc>/settings/addresses/<uuid:uuid>/remove/",
        days.RemoveAddress.as_view(),
        name="address_remove",
    ),
    path("<str:uscc>/undisturbed/", standing.Undisturbed.as_view(), name="undisturbed"),
    path("<str:uscc>/undisturbed/apply/", standing.Apply.as_view(), name="apply"),
    path("<str:uscc>/undisturbed/read/<uuid:uuid>/", standing.Read.as_view(), name="read"),
    path("<str:uscc>/records/", repairs.Records.as_view(), name="records"),
    path("<str:uscc>/records/<uuid:uuid>/repair/", repairs.AskRepair.as_view(), name="ask_repair"),
    path("<str:uscc>/repairs/<uuid:uuid>/", repairs.OneRepair.as_view(), name="repair"),
    path("<str:uscc>/repairs/<uuid:uuid>/again/", repairs.HandInAgain.as_view(), name="repair_again"),
    path(
        "<str:uscc>/repairs/<uuid:uuid>/withdraw/", repairs.WithdrawRepair.as_view(), name="repair_withdraw"
    ),
    path("<str:uscc>/conflicts/", standards.Conflicts.as_view(), name="conflicts"),
    path("<str:uscc>/conflicts/new/", standards.File.as_view(), name="file"),
]
