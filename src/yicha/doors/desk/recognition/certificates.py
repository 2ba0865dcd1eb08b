"""Certificates on the desk: the list, one with how it stands, its page and its signed file."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import DeskView
from yicha.doors.desk.recognition.tables import CertificateFilter, CertificateTable
from yicha.doors.desk.recognition.words import STANDINGS, TONES
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.share.recognition import queries


class Certificates(ListPage):
    """All certificates that this person may see."""

    action = "recognition.view"
    title = gettext_lazy("Recognition certificates")
    table_class = CertificateTable
    filterset_class = CertificateFilter
    template_name = "desk/recognition/certificates.html"
    extra_columns = ("uscc",)
    empty_title = gettext_lazy("No certificate is issued yet")
    empty_icon = "certificate"

    def rows(self) -> QuerySet[Any]:
        return queries.list_certificates_seen(self.person, clock.today(clock.now()))

    def scoped_rows(self) -> QuerySet[Any]:
        """Wider than the scope of the grants, as the results that they name."""
        return self.rows()


class _CertificateView(DeskView):
    """Something about the certificate in the address."""

    action = "recognition.view"

    def load(self) -> Any:
        """The certificate: of the person's scope, or one on which they may see a result."""
        seen = queries.list_certificates_seen(self.person, clock.today(clock.now()))
        found = seen.filter(number=self.kwargs["number"]).first()
        if found is None:
            raise NotFound
        return found


class OneCertificate(_CertificateView):
    """How a certificate stands, what is on it, and its two files."""

    template_name = "desk/recognition/certificate.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = self.load()
        payload, today = queries.read_payload(found), clock.today(clock.now())
        state = queries.get_certificate_state(payload, today)
        uuids = dict(found.results.values_list("item_version__item__code", "uuid"))
        return self.show(
            context={
                "title": found.number,
                "object": found,
                "state": state,
                "payload": payload,
                "lines": [
                    (one, STANDINGS[one.standing.value], *TONES[one.standing.value], uuids.get(one.item))
                    for one in state.results
                ],
                "crumb": _("Recognition certificates"),
                "crumb_url": reverse("desk:recognition:certificates"),
            }
        )


class Page(_CertificateView):
    """The page to print."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = self.load()
        return _file(queries.certificate_pdf(found), "application/pdf", f"{found.number}.pdf")


class SignedFile(_CertificateView):
    """The signed file, to be checked without this database."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = self.load()
        return _file(queries.signed_file(found), "application/json", f"{found.number}.json")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)
