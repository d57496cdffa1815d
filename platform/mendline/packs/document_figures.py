"""The figures of a pack one by one: those that a chart or a baseline is made of, and the rows of `facts.csv`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PointRow:
    """A figure of a chart or of a baseline.

    Attributes:
        when: its period, in a few letters.
        value: as it is shown, or that it was not recorded.
        href: leads to what is behind it; empty where nothing was recorded, or where pages reach nobody.
        restated: a later revision took the place of the first.
    """

    when: str
    value: str
    href: str = ""
    restated: bool = False


@dataclass(frozen=True, slots=True)
class FactRow:
    """A figure behind the pack, as it stood at the pack's moment; one row of `facts.csv`.

    Attributes:
        period_start: the period's first day, as an ISO date.
        numerator: what was counted; None where the figure is a single value.
        denominator: out of how many, or over what exposure; None likewise.
        value: in the indicator's unit; None where the period has no figure.
        revision: 1 for the figure as it first came, one more for each correction.
        recorded_at: when this revision came in, in UTC.
        records: how many records here were counted in it; None where it was brought as a figure.
        left_out: how many were looked at and not counted.
        kinds: how many of each kind were counted, such as `medicines_audit 4`.
        agreement: what the records say of it: written from them, agrees or differs.
        address: of the page of what is behind it, as at the pack's moment.
    """

    indicator: str
    definition: str
    period_start: str
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    revision: int
    source: str
    recorded_at: str
    references: tuple[str, ...] = ()
    indicator_id: str = ""
    observation_id: str = ""
    records: int | None = None
    left_out: int | None = None
    kinds: tuple[str, ...] = ()
    agreement: str = ""
    address: str = ""
