"""Reading a YAML document so that everything wrong with it is said at once, each with its line and its path.

Only what a plain document needs is let through: no anchors, aliases, tags or second documents, so that what is read
is what stands there and a small text cannot unfold into a large one. Numbers are whole and written in plain digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from yicha.kernel.refusal import Reason

E = TypeVar("E", bound=StrEnum)

MOST_CHARACTERS = 65_536
"""The longest document."""
MOST_DEPTH = 8
"""How deep lists and mappings may lie in each other; a model needs five levels."""
_PLAIN = re.compile(r"0|[1-9][0-9]{0,8}")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_STR, _INT = "tag:yaml.org,2002:str", "tag:yaml.org,2002:int"
_NOTHING = Reason(
    "model.text-is-empty", "Line %(line)s, %(path)s: there is nothing; a text is needed: write one."
)
_READ_AS = {
    "tag:yaml.org,2002:bool": Reason(
        "model.text-is-flag",
        "Line %(line)s, %(path)s: YAML reads %(value)s as yes or no; a text is needed: put it in quotes.",
    ),
    "tag:yaml.org,2002:timestamp": Reason(
        "model.text-is-date",
        "Line %(line)s, %(path)s: YAML reads %(value)s as a date; a text is needed: put it in quotes.",
    ),
    "tag:yaml.org,2002:null": _NOTHING,
}
_AS_NUMBER = Reason(
    "model.text-is-number",
    "Line %(line)s, %(path)s: YAML reads %(value)s as a number; a text is needed: put it in quotes.",
)


class Verbatim:
    """What stands in the document, for a sentence: a page translates words that are facts, but never these.

    A quoted text may hold half a character ("\\ud800"), which no page could show.
    """

    def __init__(self, text: str) -> None:
        self._text = text.encode("utf-8", "replace").decode()

    def __str__(self) -> str:
        return self._text


def check_text(text: str) -> Iterator[Reason]:
    """Why a text cannot even be kept: it is too long, or has characters that no text has."""
    if len(text) > MOST_CHARACTERS:
        facts = {"size": len(text), "most": MOST_CHARACTERS}
        yield Reason(
            "model.too-long",
            "The document has %(size)s characters; %(most)s are the most: shorten it.",
            facts=facts,
            at_field="text",
        )
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if any(unicodedata.category(letter) in ("Cc", "Cs") and letter != "\t" for letter in line):
            yield _at(
                "model.unprintable",
                "Line %(line)s: there is a character that no text has: delete it.",
                number,
            )


def compose(text: str) -> tuple[Node | None, list[Reason]]:
    """The document's root, or why there is none."""
    faults = list(check_text(text))
    if faults:
        return None, faults
    tabs = [number for number, line in enumerate(text.split("\n"), start=1) if "\t" in line]
    if tabs:
        return None, [
            _at(
                "model.tab",
                "Line %(line)s: there is a tab; YAML indents with spaces: put spaces in its place.",
                line,
            )
            for line in tabs
        ]
    try:
        faults = list(_unwanted(text))
        if faults:
            return None, faults
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        return None, [_not_yaml(text, error)]
    if root is None:
        return None, [Reason("model.empty", "The document is empty: write a model.", at_field="text")]
    return root, []


def _unwanted(text: str) -> Iterator[Reason]:
    """Events that a plain document does not have."""
    depth, documents = 0, 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents == 2:
                yield _at(
                    "model.second-document",
                    ("Line %(line)s: a second document begins (“---”); a model is one document: remove it."),
                    line,
                )
        if isinstance(event, yaml.AliasEvent):
            yield _at(
                "model.alias",
                "Line %(line)s: *%(name)s stands for another place; write out what is meant.",
                line,
                name=event.anchor,
            )
        elif isinstance(event, yaml.NodeEvent) and event.anchor:
            yield _at(
                "model.anchor",
                "Line %(line)s: &%(name)s is an anchor, and nothing may refer to one: remove it.",
                line,
                name=event.anchor,
            )
        tag = getattr(event, "tag", None)
        if tag:
            yield _at(
                "model.tag", "Line %(line)s: %(tag)s is a tag, and none is needed: remove it.", line, tag=tag
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MOST_DEPTH:
                yield _at(
                    "model.too-deep",
                    "Line %(line)s: lists lie in lists more than %(most)s deep; a model does not.",
                    line,
                    most=MOST_DEPTH,
                )
                return
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _not_yaml(text: str, error: yaml.YAMLError) -> Reason:
    """What the parser stumbled over, in its own words."""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        problem = ", ".join(part for part in (error.context, error.problem) if part)
        return _at(
            "model.not-yaml",
            (
                "Line %(line)s: this cannot be read as YAML (%(problem)s); look at this line and the one before."
            ),
            mark.line + 1 if mark else 1,
            problem=problem,
        )
    line = text.count("\n", 0, getattr(error, "position", 0)) + 1  # a character that YAML does not print
    return _at("model.unprintable", "Line %(line)s: there is a character that no text has: delete it.", line)


def _at(code: str, sentence: str, line: int, **facts: object) -> Reason:
    said = {name: Verbatim(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
    return Reason(code, sentence, facts={"line": line, **said}, at_field="text")


@dataclass
class Reader:
    """Walks through a composed document and keeps every fault; where something is wrong, it goes on with a stand-in."""

    faults: list[Reason] = field(default_factory=list)

    def fault(self, code: str, sentence: str, node: Node, path: str, **facts: object) -> None:
        """Keep a fault: `sentence` begins with “Line %(line)s, %(path)s: ”."""
        line = node.start_mark.line + 1
        self.faults.append(_at(code, sentence, line, path=path or "model", **facts))

    def mapping(
        self, node: Node, path: str, known: Sequence[str], needed: Sequence[str] = ()
    ) -> dict[str, Node]:
        """The values of a mapping by key; keys that are not known, twice there or missing are faults."""
        if not isinstance(node, MappingNode):
            self.fault(
                "model.not-mapping",
                "Line %(line)s, %(path)s: names with values are needed (“name: value”).",
                node,
                path,
            )
            return {}
        found: dict[str, Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else "?"
            if known and name not in known:
                self.fault(
                    "model.unknown-key",
                    "Line %(line)s, %(path)s: “%(key)s” is not known here; known are: %(known)s.",
                    key,
                    path,
                    key=name,
                    known=", ".join(known),
                )
            elif name in found:
                self.fault(
                    "model.duplicate-key",
                    "Line %(line)s, %(path)s: “%(key)s” is there twice: remove one.",
                    key,
                    path,
                    key=name,
                )
            else:
                found[name] = value
        for name in needed:
            if name not in found:
                self.fault(
                    "model.missing-key",
                    "Line %(line)s, %(path)s: “%(key)s” is missing: add it.",
                    node,
                    path,
                    key=name,
                )
        return found

    def sequence(self, node: Node, path: str, most: int) -> list[Node]:
        """The values of a list, `most` at the most."""
        if not isinstance(node, SequenceNode):
            self.fault("model.not-list", "Line %(line)s, %(path)s: a list is needed (“[a, b]”).", node, path)
            return []
        if len(node.value) > most:
            self.fault(
                "model.too-many",
                "Line %(line)s, %(path)s: there are %(count)s; %(most)s are the most.",
                node,
                path,
                count=len(node.value),
                most=most,
            )
        return list(node.value[:most])

    def text(self, node: Node, path: str, most: int = 300) -> str:
        """A text that is not blank. What YAML reads as something else is a fault, and said."""
        if not isinstance(node, ScalarNode):
            self.fault("model.not-text", "Line %(line)s, %(path)s: a text is needed.", node, path)
            return ""
        if node.tag != _STR:
            found = _READ_AS.get(node.tag, _AS_NUMBER)
            self.fault(found.code, found.sentence, node, path, value=node.value)
            return ""
        value = str(node.value).strip()
        if not value:
            self.fault(_NOTHING.code, _NOTHING.sentence, node, path)
        elif len(value) > most:
            self.fault(
                "model.text-too-long",
                "Line %(line)s, %(path)s: the text has %(size)s characters; %(most)s are the most.",
                node,
                path,
                size=len(value),
                most=most,
            )
        elif any(unicodedata.category(letter) in ("Cc", "Cs") for letter in value):
            self.fault(
                "model.unprintable",
                "Line %(line)s, %(path)s: there is a character that no text has: delete it.",
                node,
                path,
            )
            return ""
        return value

    def code(self, node: Node, path: str) -> str:
        """A name for machines: small letters, digits and hyphens."""
        value = self.text(node, path, most=64)
        if value and not _CODE.fullmatch(value):
            self.fault(
                "model.code",
                ("Line %(line)s, %(path)s: “%(value)s” is no code: use small letters, digits and hyphens."),
                node,
                path,
                value=value,
            )
        return value

    def integer(self, node: Node, path: str, least: int, most: int) -> int:
        """A whole number within bounds, written in plain digits."""
        value = node.value if isinstance(node, ScalarNode) else ""
        if not isinstance(value, str) or not _PLAIN.fullmatch(value) or node.tag != _INT:
            found = _why_no_integer(node, value)
            self.fault(found.code, found.sentence, node, path, value=value)
            return least
        number = int(value)
        if not least <= number <= most:
            self.fault(
                "model.bounds",
                (
                    "Line %(line)s, %(path)s: %(value)s is out of bounds; it may be from %(least)s to %(most)s."
                ),
                node,
                path,
                value=number,
                least=least,
                most=most,
            )
            return least
        return number

    def flag(self, node: Node, path: str) -> bool:
        """true or false; the other words that YAML knows (yes, on, …) are a fault."""
        value = node.value if isinstance(node, ScalarNode) else ""
        if value not in ("true", "false") or node.tag == _STR:
            self.fault("model.flag", "Line %(line)s, %(path)s: write true or false.", node, path)
        return value == "true"

    def choice(self, node: Node, path: str, choices: Mapping[str, E], code: str) -> E | None:
        """One of some words; `code` names the fault."""
        value = self.text(node, path)
        if value and value not in choices:
            self.fault(
                code,
                "Line %(line)s, %(path)s: “%(value)s” is not known; known are: %(known)s.",
                node,
                path,
                value=value,
                known=", ".join(choices),
            )
        return choices.get(value)

    def choices(
        self, node: Node, path: str, choices: Mapping[str, E], code: str, most: int = 32
    ) -> tuple[E, ...]:
        """A list of such words, each once and at least one."""
        nodes = self.sequence(node, path, most)
        if isinstance(node, SequenceNode) and not nodes:
            self.fault("model.empty-list", "Line %(line)s, %(path)s: name at least one.", node, path)
        found: list[E] = []
        for one in nodes:
            value = self.choice(one, path, choices, code)
            if value is not None and value in found:
                self.fault(
                    "model.named-twice",
                    "Line %(line)s, %(path)s: “%(value)s” is there twice: remove one.",
                    one,
                    path,
                    value=value.value,
                )
            elif value is not None:
                found.append(value)
        return tuple(found)


def _why_no_integer(node: Node, value: object) -> Reason:
    """What is wrong with something that is no whole number."""
    text = str(value)
    if text.startswith("-") and node.tag in (_INT, "tag:yaml.org,2002:float"):
        return Reason(
            "model.negative",
            "Line %(line)s, %(path)s: %(value)s is below 0; write it without the sign "
            "(what speaks for an enterprise says “lowers: true”).",
        )
    if node.tag == "tag:yaml.org,2002:float":
        return Reason(
            "model.float",
            "Line %(line)s, %(path)s: %(value)s is no whole number; write whole points, or parts of a thousand.",
        )
    return Reason(
        "model.not-integer",
        "Line %(line)s, %(path)s: a whole number in plain digits is needed, without quotes.",
    )
