from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from mendline.catalogue.measures import Measure
from mendline.catalogue.reading import DATA, CatalogueError, build, read_yaml, unique

MeasureType = Literal["proportion", "rate", "count", "duration", "score"]
Direction = Literal["higher_is_better", "lower_is_better"]
Cadence = Literal["weekly", "monthly"]
SpcChart = Literal["xmr", "p", "u", "c", "t", "g", "run"]
Rollup = Literal["sum_num_den", "pooled_rate", "sum_count", "median", "recompute_pooled", "worst_case", "not_rolled_up"]
ExternalView = Literal["aggregate", "suppress_small", "narrative_only", "internal_only"]
EvidenceLetter = Literal["R", "A", "F", "P"]
EvidenceCategory = Literal["people", "staff_leaders", "partners", "observation", "processes", "outcomes"]
Split = Literal["shift_band", "weekday_weekend", "unit", "staff_type", "person_group", "round_slot", "harm_level"]

SHORT_NAME_LENGTH = 24

DOMAINS: Mapping[str, str] = MappingProxyType(
    {
        "safeguarding": "Safeguarding",
        "medicines": "Medicines",
        "care_planning": "Care planning",
        "complaints": "Complaints",
        "staffing": "Staffing",
        "incidents": "Incidents",
        "feedback": "Feedback",
        "governance": "Governance",
        "rights": "Consent and liberty",
        "nutrition": "Food and drink",
        "infection_control": "Infection prevention and control",
        "records": "Records",
        "notifications": "Notifications",
        "leadership": "Leadership",
    }
)


@dataclass(frozen=True, slots=True)
class Target:
    """What the figure should reach.

    Attributes:
        operator: ``between`` includes both ends; ``reduce_from_baseline_pct`` asks for a fall of ``value`` percent
            on the service's own baseline; ``monitor_only`` is never judged.
        value: in the indicator's unit, percentages from 0 to 100; two numbers for ``between``.
        basis: where the number comes from.
        rationale: why this number, for people.
    """

    operator: Literal[">=", "<=", "==", "between", "reduce_from_baseline_pct", "monitor_only"]
    value: float | tuple[float, ...] | None
    basis: Literal["statutory", "national_guidance", "sector_benchmark", "recovery_goal", "provider_standard"]
    rationale: str

    def __post_init__(self) -> None:
        fits = {
            "between": isinstance(self.value, tuple) and len(self.value) == 2 and self.value[0] < self.value[1],
            "monitor_only": self.value is None,
        }.get(self.operator, isinstance(self.value, float))
        if not fits:
            raise ValueError(f"target operator '{self.operator}' does not fit the value {self.value}")


@dataclass(frozen=True, slots=True)
class IndicatorDefinition:
    """The meaning of an indicator, one version of it.

    Attributes:
        key: stable across versions.
        version: changes when what is counted changes; two versions never share a series.
        short_name: for the head of a matrix column, at most 24 characters.
        numerator: in words; ``measure`` says it to the machine.
        denominator: in words, or nothing where there is none.
        rate_per: the scale of a rate, for example 1000 bed days.
        minimum_n: below this denominator a figure reads "x of y" and is not judged.
        decimals: how many are shown; more where rounding would make a figure seem to reach what it did not.
        contextual: never judged, and never the only ground for assurance.
        evidence_not_applicable: kinds of evidence that cannot exist for it, each with the reason.
        may_exceed: a proportion whose numerator can be larger than its denominator.
        measure: how records make the figure; nothing where it can only be entered or imported.
        of_area: what others publish of the area around a service: nobody there moves it, so no decline of it waits for an
            answer and no gap is pressed.
        companion: of a figure that better reporting raises, the harmful part beside which a rise is read.
    """

    key: str
    version: str
    name: str
    short_name: str
    domain: str
    description: str
    measure_type: MeasureType
    numerator: str
    denominator: str | None
    unit: str
    direction: Direction
    cadence: Cadence
    target: Target
    spc_chart: SpcChart
    source_record_type: str
    rollup: Rollup
    quality_statements: tuple[str, ...]
    regulations: tuple[str, ...]
    evidence_categories: tuple[EvidenceCategory, ...]
    minimum_n: int
    pitfalls: tuple[str, ...]
    external_view: ExternalView
    contextual: bool
    spc_minimum_points: int
    decimals: int
    rate_per: int | None
    splits: tuple[Split, ...]
    used_in: tuple[str, ...]
    supporting_records: tuple[str, ...]
    evidence_not_applicable: Mapping[str, str]
    measure: Measure | None
    may_exceed: bool
    companion: str | None = None
    of_area: bool = False

    def __post_init__(self) -> None:
        if len(self.short_name) > SHORT_NAME_LENGTH:
            raise ValueError(f"short_name '{self.short_name}' is longer than {SHORT_NAME_LENGTH} characters")
        if self.domain not in DOMAINS:
            raise ValueError(f"domain '{self.domain}' is not one of {', '.join(DOMAINS)}")
        if (self.rate_per is not None) != (self.measure_type == "rate"):
            raise ValueError("rate_per goes with a rate, and only with it")
        if self.of_area and not self.contextual:
            raise ValueError("a figure of the area is contextual: nobody in the service moves it")
        unknown = sorted(set(self.evidence_not_applicable) - {"R", "A", "F", "P"})
        if unknown:
            raise ValueError(f"evidence_not_applicable names '{unknown[0]}', which is not one of R, A, F, P")

    @property
    def is_judged(self) -> bool:
        """Whether a figure may be set against the target at all."""
        return not self.contextual and self.target.operator != "monitor_only"

    @property
    def is_computed(self) -> bool:
        """Whether it is worked out from declines: these are no records, nothing samples them, and nobody types it in."""
        return self.measure is not None and self.measure.form == "computed"


@dataclass(frozen=True, slots=True)
class IndicatorCatalogue:
    """One published file of definitions."""

    version: str
    framework_version: str
    definitions: Mapping[str, IndicatorDefinition] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Defaults:
    contextual: bool
    external_view: ExternalView
    spc_minimum_points: int
    splits: tuple[Split, ...]
    used_in: tuple[str, ...]
    supporting_records: tuple[str, ...]
    rate_per: int | None
    measure: Measure | None
    evidence_not_applicable: Mapping[str, str]
    may_exceed: bool
    decimals: Mapping[str, int]


def read_indicators(path: Path) -> IndicatorCatalogue:
    """One file of definitions.

    Raises:
        CatalogueError: the file, or any entry of it, is wrong.
    """
    content = read_yaml(path)
    missing = {"catalogue_version", "framework_version", "defaults", "indicators"} ^ set(content)
    if missing:
        raise CatalogueError(f"{path.name}: key '{min(missing)}' is unknown or missing")
    if not isinstance(content["defaults"], dict) or not isinstance(content["indicators"], list):
        raise CatalogueError(f"{path.name}: 'defaults' must be a mapping and 'indicators' a list")
    defaults = content["defaults"]
    build(_Defaults, defaults, f"{path.name}, defaults")
    definitions = [_definition(entry, defaults, path.name) for entry in content["indicators"]]
    by_key = unique(definitions, "key", path.name)
    unique(definitions, "short_name", path.name)
    return IndicatorCatalogue(
        str(content["catalogue_version"]), str(content["framework_version"]), MappingProxyType(by_key)
    )


def _definition(entry: Any, defaults: Mapping[str, Any], file_name: str) -> IndicatorDefinition:
    if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
        raise CatalogueError(f"{file_name}: every indicator is a mapping with a 'key'")
    decimals = defaults["decimals"].get(entry.get("measure_type"), 0)
    return build(IndicatorDefinition, {**defaults, "decimals": decimals, **entry}, f"{file_name}, {entry['key']}")


@cache
def catalogues() -> tuple[IndicatorCatalogue, ...]:
    """Every published file, oldest first; older plans keep the definitions they were made with."""
    return tuple(read_indicators(path) for path in sorted(DATA.glob("indicators-*.yaml")))


def indicator_catalogue() -> IndicatorCatalogue:
    """The newest published file."""
    return catalogues()[-1]


def indicator_definitions() -> Mapping[str, IndicatorDefinition]:
    """The newest definition of every indicator, by key, in the order of the file."""
    return indicator_catalogue().definitions


def indicator_definition(key: str, version: str | None = None) -> IndicatorDefinition:
    """One definition, the newest unless a version is named.

    Raises:
        KeyError: no published file has it.
    """
    for published in reversed(catalogues()):
        found = published.definitions.get(key)
        if found is not None and version in {None, found.version}:
            return found
    raise KeyError(f"no indicator '{key}'" + (f" of version '{version}'" if version else ""))
