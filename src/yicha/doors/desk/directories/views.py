"""Pages of directories."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.columns import ListTable, MainColumn, WordColumn
from yicha.doors.desk.directories.words import rule_in_words
from yicha.doors.desk.enterprises.tables import EnterpriseFilter, EnterpriseTable
from yicha.doors.desk.filters import ChoiceFilter, SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries


class DirectoryTable(ListTable):
    name = MainColumn(
        verbose_name=_("name"), linkify=lambda record: reverse("desk:directories:object", args=[record.code])
    )
    code = WordColumn(verbose_name=_("code"))
    mode = tables.Column(verbose_name=_("mode"))
    rule = tables.Column(verbose_name=_("rule"), orderable=False, empty_values=())

    def render_rule(self, record: Any) -> str:
        return "；".join(rule_in_words(record.rule)) if record.mode == "rule" else "—"


class DirectoryFilter(django_filters.FilterSet):
    q = SearchFilter(("name", "code"), label=_("directory"), hint=_("name or code"))
    mode = ChoiceFilter(queries.list_directories, "mode", _("mode"))


class Directories(ListPage):
    """All directories, each with its rule in words."""

    action = "registry.view"
    title = _("Directories")
    table_class = DirectoryTable
    filterset_class = DirectoryFilter
    empty_title = _("No directories yet")
    empty_icon = "folder"

    def rows(self) -> QuerySet[Any]:
        return queries.list_directories()


class MemberFilter(EnterpriseFilter):
    """The filters of enterprises without the directory: this page is one."""

    directory = None  # type: ignore[assignment]


class OneDirectory(ListPage):
    """One directory: its rule, and the list of its members as they are now."""

    action = "registry.view"
    table_class = EnterpriseTable
    filterset_class = MemberFilter
    template_name = "desk/directories/object.html"
    extra_columns = ("industry", "zone", "address", "registered_on", "capital", "kind")
    empty_title = _("No enterprise is in this directory")
    empty_icon = "folder"

    @cached_property
    def directory(self) -> Any:
        """The directory of this address."""
        found = queries.find_directory(self.kwargs["code"])
        if found is None:
            raise NotFound
        return found

    @property
    def title(self) -> str:  # type: ignore[override]
        """The name of the directory."""
        return str(self.directory)

    def rows(self) -> QuerySet[Any]:
        return accounts.scoped(queries.list_members(self.directory), self.person, self.action)

    def context(self) -> dict[str, Any]:
        words = rule_in_words(self.directory.rule) if self.directory.mode == "rule" else []
        return {"directory": self.directory, "rule_words": words}
