"""Names what is missing behind a figure, and what would fill it: a sentence and a to-do for each mark that fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.catalogue.wording import counted, listed, short_date, whole
from mendline.indicators.evidence_marks import Fresh, MarkFound, Sufficiency
from mendline.indicators.reporting import Rise

WORKFORCE = frozenset({"staffing", "leadership"})
NAMES = {"R": "record", "A": "independent check", "F": "voice of people", "P": "practice seen"}
PERIOD_WORDS = {"weekly": ("week", "weeks"), "monthly": ("month", "months")}
PERFECT, TOO_GOOD = 100.0, 8  # a share that never misses in so many periods is checked before it is believed


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that would make a figure better supported; it goes by itself when that is done.

    Attributes:
        mark: the letter, or fresh, figure, contradiction or decision.
        words: what is to be done, as a sentence that starts with the act.
        form: where it is done: evidence, figure, answer or decide.
    """

    mark: str
    words: str
    form: str

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {"mark": self.mark, "words": self.words, "form": self.form}


def whose_voice(definition: IndicatorDefinition) -> str:
    """Staff speak to what is theirs, people and families to everything else."""
    return "staff" if definition.domain in WORKFORCE else "people or their families"


def letter_words(letter: str, found: MarkFound, definition: IndicatorDefinition) -> str:
    """How one kind of evidence stands, as a sentence."""
    when = short_date(found.newest) if found.newest else ""
    if found.state == "current":
        until = f" It counts until {short_date(found.until)}." if found.until else ""
        return f"Current: newest {when}.{until}"
    if found.state == "not_applicable":
        return f"Does not apply. {definition.evidence_not_applicable.get(letter, 'It cannot exist for this figure')}."
    said = {
        ("R", "missing"): "No record is behind it.",
        ("R", "few"): f"Records of {when} are behind it, but fewer than {whole(definition.minimum_n)}.",
        ("A", "missing"): "Nobody independent has checked it.",
        ("A", "not_independent"): f"Checked on {when}, but only by whoever produced the figure.",
        ("F", "missing"): f"No voice of {whose_voice(definition)} is behind it.",
        ("F", "own_carer"): f"Asked on {when}, but only with the help of the person's own carer.",
        ("P", "missing"): "Nobody has recorded seeing it in practice.",
        ("P", "day_only"): f"Seen in practice on {when}, but by day only: no evening, night or weekend.",
    }
    return said.get((letter, found.state), f"Out of date: newest {when}.")


def fresh_words(fresh: Fresh, cadence: Cadence) -> str:
    """How the fifth mark stands, as a sentence."""
    periods = PERIOD_WORDS[cadence][1]
    match fresh.state:
        case "missing":
            return "No figure has been entered yet."
        case "old":
            return "The newest figure or record is more than two reporting periods old."
        case "incomplete":
            gone = fresh.expected - fresh.present
            return f"{whole(gone)} of the last {fresh.expected} {periods} {'has' if gone == 1 else 'have'} no figure."
        case _:
            return f"{fresh.present} of the last {fresh.expected} {periods} have a figure, and none of it is too old."


def missing_words(found: Sufficiency, definition: IndicatorDefinition) -> str:
    """`no practice seen and no current voice of people`: what is missing, inside a sentence."""
    said = []
    for letter, mark in found.letters.items():
        name = "voice of staff" if letter == "F" and definition.domain in WORKFORCE else NAMES[letter]
        if mark.state == "missing":
            said.append(f"no {name}")
        elif mark.state == "old":
            said.append(f"no current {name}")
        elif mark.state == "few":
            said.append("too few records")
        elif mark.state == "day_only":
            said.append("practice seen by day only")
        elif mark.state == "not_independent":
            said.append("no check by anybody else")
        elif mark.state == "own_carer":
            said.append("a voice only through the person's own carer")
    if found.fresh.state == "incomplete":
        said.append("figures with gaps")
    elif found.fresh.state != "current":
        said.append("no current figure")
    return listed(said)


def perfect_run(definition: IndicatorDefinition, finals: Sequence[float]) -> int:
    """How many of the newest final figures in a row are a hundred per cent: too good to be believed unseen from eight on."""
    if definition.measure_type != "proportion" or definition.direction != "higher_is_better":
        return 0
    return len(list(takewhile(lambda value: value == PERFECT, reversed(finals))))


def todos_of(
    found: Sufficiency, definition: IndicatorDefinition, cadence: Cadence, finals: Sequence[float] = ()
) -> tuple[Todo, ...]:
    """What would fill each gap, in the order of the marks; nothing where all are met.

    Args:
        found: how far the evidence reaches.
        definition: of the indicator.
        cadence: weekly or monthly.
        finals: the figures of periods that are settled, oldest first.
    """
    todos = []
    run = perfect_run(definition, finals)
    too_good = run >= TOO_GOOD and found.letters["A"].state != "current"
    if found.contradictions:
        many = counted(found.contradictions, "source")
        todos.append(Todo("contradiction", f"Answer in writing what points the other way ({many}).", "answer"))
    for letter, mark in found.letters.items():
        words = _act(letter, mark, definition)
        if letter == "A" and too_good:
            words = f"It has been 100% for {counted(run, *PERIOD_WORDS[cadence])}: have somebody else draw a sample and check it."
        if words:
            todos.append(Todo(letter, words, "evidence"))
    if found.fresh.state == "incomplete":
        gone = found.fresh.expected - found.fresh.present
        periods = counted(gone, *PERIOD_WORDS[cadence])
        todos.append(Todo("fresh", f"Enter the figures of {periods}, or say why there is none.", "figure"))
    elif found.fresh.state != "current":
        todos.append(Todo("fresh", "Enter the figure that is due.", "figure"))
    return tuple(todos)


def rise_todos(rise: Rise) -> tuple[Todo, ...]:
    """What is wanted of a person where more is reported and nobody has said what that means."""
    if rise not in ("undecided", "harm_unknown"):
        return ()
    return (Todo("decision", "Decide whether more is reported or more happens, and say what shows it.", "decide"),)


def _act(letter: str, mark: MarkFound, definition: IndicatorDefinition) -> str:
    acts: Mapping[tuple[str, str], str] = {
        ("R", "missing"): "Add the record that the figure was counted from.",
        ("R", "old"): "Add a newer record that the figure was counted from.",
        ("R", "few"): f"Add a record of {whole(definition.minimum_n)} or more.",
        ("A", "missing"): "Have somebody check it who did not produce the figure.",
        ("A", "old"): "Have it checked again by somebody who did not produce the figure.",
        ("A", "not_independent"): "Have somebody else check it: whoever produced the figure cannot.",
        ("F", "missing"): f"Ask {whose_voice(definition)} and add what they say.",
        ("F", "old"): f"Ask {whose_voice(definition)} again and add what they say.",
        ("F", "own_carer"): "Ask again with an advocate, a volunteer or family to help, not the own carer.",
        ("P", "missing"): "See it done, once in an evening, at night or at a weekend, and add what was seen.",
        ("P", "old"): "See it done again, once in an evening, at night or at a weekend.",
        ("P", "day_only"): "See it done in an evening, at night or at a weekend.",
    }
    return acts.get((letter, mark.state), "")
