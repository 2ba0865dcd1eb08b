"""How a table becomes links between enterprises.

Of a person only a keyed hash is kept. The column with the number is secret: the exchange keeps nothing of any cell
of such a file, neither of the rows it rejects nor as an example of what it put right.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.utils.translation import gettext_noop as _

from yicha.ingest.exchange.terms import (
    CellProblem,
    Column,
    Completed,
    Field,
    ImportKind,
    Prepared,
    Target,
    Values,
)
from yicha.kernel import cells, uscc
from yicha.kernel.cells import Read
from yicha.kernel.refusal import Reason
from yicha.know.registry import rules
from yicha.know.registry.models import LINK_KINDS, Enterprise
from yicha.know.registry.terms import LinkKind

_KIND_WORDS = {
    "同一地址": LinkKind.PREMISES.value,
    "地址": LinkKind.PREMISES.value,
    "同一法定代表人": LinkKind.LEGAL_REPRESENTATIVE.value,
    "法定代表人": LinkKind.LEGAL_REPRESENTATIVE.value,
    "负责人": LinkKind.LEGAL_REPRESENTATIVE.value,
    "经营者": LinkKind.LEGAL_REPRESENTATIVE.value,
    "同一供应商": LinkKind.SUPPLIER.value,
    "供应商": LinkKind.SUPPLIER.value,
    **{kind.value: kind.value for kind in LinkKind},
}


def _read_uscc(text: str) -> Read:
    return uscc.normalise(text)


_COLUMNS = (
    Column(
        "uscc",
        _("unified social credit code"),
        ("统一社会信用代码", "社会信用代码", "信用代码", "注册号"),
        required=True,
        parser=_read_uscc,
        stored=False,
        max_length=40,
    ),
    Column(
        "kind",
        _("kind"),
        ("关联类型", "关联关系", "类型"),
        required=True,
        parser=cells.choice(_KIND_WORDS, "kind"),
    ),
    Column(
        "value",
        _("what they share"),
        ("关联值", "关联内容", "内容"),
        required=True,
        stored=False,
        distinct=True,
        prose=True,
        max_length=300,
        personal=True,
        secret=True,
    ),
)
_FIELDS = (
    Field("code"),
    Field("enterprise_id", "bigint", label=_("enterprise")),
    Field("kind"),
    Field("key"),
    Field("words", default="''", label=_("what they share")),
    Field("is_derived", "boolean", default="false"),
)
_SCOPES = (
    "SELECT DISTINCT NULL, COALESCE(r.code, ''), COALESCE(z.code, '') FROM {staging} s "
    "JOIN registry_enterprise e ON e.id = s.enterprise_id "
    "LEFT JOIN registry_region r ON r.id = e.region_id LEFT JOIN registry_zone z ON z.id = e.zone_id"
)


def secret_of_links() -> bytes:
    """The key under which people are hashed, from the product's secret: another secret, other keys."""
    return hmac.new(settings.SECRET_KEY.encode(), b"yicha.registry.links", hashlib.sha256).digest()


def _prepare(columns: Sequence[str]) -> Prepared:
    enterprises: dict[str, int] = {}
    secret = secret_of_links()

    def load() -> None:
        enterprises.update(Enterprise.objects.order_by().values_list("uscc", "pk").iterator(10_000))

    def complete(values: Values, size: int) -> Completed:
        return _complete(values, size, enterprises, secret)

    return Prepared(_FIELDS, complete, _TARGET, _SCOPES, load)


def _complete(values: Values, size: int, enterprises: Mapping[str, int], secret: bytes) -> Completed:
    """Keys instead of what was given; words only of what is no person."""
    done = Completed({"code": [], "enterprise_id": [], "key": [], "words": [], "is_derived": [None] * size})
    for position in range(size):
        code, kind, value = (values[name][position] or "" for name in ("uscc", "kind", "value"))
        known = enterprises.get(code)
        key = _key(kind, value, secret)
        is_person = kind == LinkKind.LEGAL_REPRESENTATIVE
        done.fields["code"].append(f"{code} {kind} {key}")
        done.fields["enterprise_id"].append(None if known is None else str(known))
        done.fields["key"].append(key)
        done.fields["words"].append("" if is_person else value)
        problems = []
        if code and known is None:
            sentence = "The code is not in the registry."
            problems.append(CellProblem("uscc", "", Reason("unknown-enterprise", sentence)))
        if kind and value and not key:
            problems.append(CellProblem("value", "", _weak(kind)))
        if problems:
            done.problems[position] = problems
    return done


def _key(kind: str, value: str, secret: bytes) -> str:
    if kind == LinkKind.LEGAL_REPRESENTATIVE:
        return rules.person_key(secret, value)
    return rules.premises_key(value) if kind == LinkKind.PREMISES else rules.supplier_key(value)


def _weak(kind: str) -> Reason:
    if kind == LinkKind.LEGAL_REPRESENTATIVE:
        return Reason(
            "link-person", "A name alone does not say who it is: give the number of the identity document."
        )
    return Reason("link-premises", "An address without a number names no premises.")


_TARGET = Target(
    table="registry_enterpriselink",
    current=(
        "SELECT t.id, t.xmin::text AS version, e.uscc || ' ' || t.kind || ' ' || t.key AS code, t.enterprise_id, "
        "t.kind, t.key, t.words, t.is_derived FROM registry_enterpriselink t "
        "JOIN registry_enterprise e ON e.id = t.enterprise_id"
    ),
    insert=(
        "INSERT INTO registry_enterpriselink (enterprise_id, kind, key, words, is_derived) "
        "SELECT s.enterprise_id, s.kind, s.key, COALESCE(s.words, ''), false FROM {staging} s "
        "JOIN {fresh} n USING (row_no)",
    ),
    update=(
        "UPDATE registry_enterpriselink t SET words = COALESCE(s.words, ''), is_derived = false "
        "FROM {changed} d JOIN {staging} s USING (row_no) WHERE t.id = d.id",
    ),
    remove=("DELETE FROM registry_enterpriselink t USING {undone} u WHERE t.id = u.id AND u.before IS NULL",),
    restore=(
        "UPDATE registry_enterpriselink t SET words = u.before->>'words', "
        "is_derived = (u.before->>'is_derived')::boolean FROM {undone} u WHERE t.id = u.id AND u.before IS NOT NULL",
    ),
    locks=("registry_enterpriselink",),
)


def _describe(field: str, value: object) -> str:
    if field == "kind" and value in set(LinkKind):
        return str(LINK_KINDS[LinkKind(str(value))])
    if field == "enterprise_id" and value is not None:
        return str(Enterprise.objects.filter(pk=int(str(value))).first() or value)
    return "" if value is None else str(value)


LINKS = ImportKind(
    name="enterprise-links",
    label=_("links between enterprises"),
    key="code",
    columns=_COLUMNS,
    prepare=_prepare,
    describe=_describe,
)
