"""The regulator's assessment frameworks, version by version, and how one leads to the next.

Every link to a framework node is stored with the framework's version. A new version only proposes new links through
its crosswalk; a person accepts them, because a statement that is split or moved has no automatic successor.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from mendline.catalogue.indicators import EvidenceCategory
from mendline.catalogue.reading import DATA, CatalogueError, build, read_yaml, unique

Relation = Literal["same", "split", "merged", "moved", "partial"]
Status = Literal["draft", "live", "retired"]


@dataclass(frozen=True, slots=True)
class KeyQuestion:
    """One of the five questions; they outlive frameworks."""

    code: str
    title: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of evidence that the regulator looks for."""

    code: EvidenceCategory
    title: str
    typical: str


@dataclass(frozen=True, slots=True)
class FrameworkNode:
    """A quality statement or a key line of enquiry.

    Attributes:
        code: unique within its version, beginning with the key question or the framework.
        key_question: code of the question it belongs to.
        order: place within the whole framework, from 1.
        regulations: main ones first; a working map, not the regulator's table.
        also_considered: regulations considered beside them.
        evidence: categories whose absence a completeness check points out; a default, never a gate.
    """

    code: str
    title: str
    key_question: str
    order: int
    regulations: tuple[str, ...] = ()
    also_considered: tuple[str, ...] = ()
    evidence: tuple[EvidenceCategory, ...] = ()


@dataclass(frozen=True, slots=True)
class Crossing:
    """How a node of this version follows from a node of an earlier one."""

    from_node: str
    to_node: str
    relation: Relation


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """The crossings from one earlier version."""

    from_version: str
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """Whole percentages, both ends included, that read as one rating."""

    rating: str
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class ScoringScheme:
    """How a provider may score itself under a framework; a framework without scores has none."""

    scores: Mapping[str, str]
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class FrameworkVersion:
    """One version of a framework.

    Attributes:
        node_name: what one node is called, singular.
        valid_from: first day in force; nothing while it is a draft.
        valid_to: last day in force, when it is known.
        scoring: nothing where the framework has no scores.
    """

    version: str
    name: str
    sector: str
    status: Status
    node_name: str
    valid_from: date | None
    valid_to: date | None
    key_questions: tuple[KeyQuestion, ...]
    evidence_categories: tuple[Category, ...]
    nodes: Mapping[str, FrameworkNode] = field(repr=False)
    scoring: ScoringScheme | None
    crosswalk: Crosswalk | None = field(repr=False)

    def label(self, code: str) -> str:
        """A node as pages show it: ``Safe: Medicines optimisation``.

        Raises:
            KeyError: the version has no such node.
        """
        node = self.nodes[code]
        question = next(found for found in self.key_questions if found.code == node.key_question)
        return f"{question.title}: {node.title}"

    def successors(self, code: str) -> tuple[Crossing, ...]:
        """What this version proposes for a node of the version that its crosswalk comes from."""
        if self.crosswalk is None:
            return ()
        return tuple(crossing for crossing in self.crosswalk.crossings if crossing.from_node == code)


@dataclass(frozen=True, slots=True)
class Regulation:
    """A regulation that a service can breach or must notify under.

    Attributes:
        code: ``hsca-12`` for the 2014 Regulations, ``cqcreg-18`` for the 2009 Registration Regulations.
        number: as people say it, ``Regulation 12``.
        title: the official name.
        finds: what a poor inspection typically finds, where it is a fundamental standard.
        prosecution: whether the regulator can prosecute without a warning notice first; working knowledge,
            confirmed by a lawyer before it is relied on.
    """

    code: str
    number: str
    title: str
    finds: str | None = None
    prosecution: str | None = None


@dataclass(frozen=True, slots=True)
class _File:
    version: str
    name: str
    sector: str
    status: Status
    node_name: str
    valid_from: date | None
    valid_to: date | None
    key_questions: tuple[KeyQuestion, ...]
    evidence_categories: tuple[Category, ...]
    nodes: tuple[FrameworkNode, ...]
    scoring: ScoringScheme | None
    crosswalk: Crosswalk | None


@dataclass(frozen=True, slots=True)
class _Regulations:
    regulations: tuple[Regulation, ...]


def read_framework(path: Path) -> FrameworkVersion:
    """One framework version.

    Raises:
        CatalogueError: the file is wrong, a code is there twice or a node's key question is unknown.
    """
    read = build(_File, read_yaml(path), path.name)
    nodes = unique(read.nodes, "code", path.name)
    questions = unique(read.key_questions, "code", path.name)
    unique(read.evidence_categories, "code", path.name)
    for node in read.nodes:
        if node.key_question not in questions:
            raise CatalogueError(f"{path.name}, {node.code}: no key question '{node.key_question}'")
    if [node.order for node in read.nodes] != list(range(1, len(read.nodes) + 1)):
        raise CatalogueError(f"{path.name}: the nodes' order must run from 1 without gaps")
    return FrameworkVersion(
        read.version,
        read.name,
        read.sector,
        read.status,
        read.node_name,
        read.valid_from,
        read.valid_to,
        read.key_questions,
        read.evidence_categories,
        MappingProxyType(nodes),
        read.scoring,
        read.crosswalk,
    )


@cache
def frameworks() -> Mapping[str, FrameworkVersion]:
    """Every version, drafts included, by version."""
    read = [read_framework(path) for path in sorted((DATA / "frameworks").glob("*.yaml"))]
    return MappingProxyType(unique(read, "version", "frameworks"))


def framework(version: str) -> FrameworkVersion:
    """One version; packs made under it show it for ever.

    Raises:
        KeyError: no such version.
    """
    return frameworks()[version]


def framework_in_force(on: date, versions: Mapping[str, FrameworkVersion] | None = None) -> FrameworkVersion:
    """The version that an inspection with its site visit on a day is pinned to; a draft is never in force.

    Args:
        on: the day of the site visit.
        versions: all of the catalogue unless given.

    Raises:
        LookupError: no version was in force that day.
    """
    known = frameworks() if versions is None else versions
    in_force = [
        one
        for one in known.values()
        if one.status != "draft"
        and one.valid_from is not None
        and one.valid_from <= on
        and (one.valid_to is None or on <= one.valid_to)
    ]
    if not in_force:
        raise LookupError(f"no assessment framework is known for {on.isoformat()}")
    return max(in_force, key=lambda one: one.valid_from or date.min)


@cache
def regulations() -> Mapping[str, Regulation]:
    """Every regulation that the catalogue knows, by code."""
    path = DATA / "regulations.yaml"
    return MappingProxyType(unique(build(_Regulations, read_yaml(path), path.name).regulations, "code", path.name))
