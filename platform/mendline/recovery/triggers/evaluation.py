"""Asks the rules that a change can touch, and writes what follows: episodes, escalations, and when to look again.

Everything happens in the caller's transaction, one provider at a time, so that a rule fires once however often a job is
sent. The cost does not depend on how many services or indicators there are: only the touched service is read.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.rules import Rule, rules, rules_touched
from mendline.indicators.marking import mark_many_stale
from mendline.indicators.model import Contradiction
from mendline.indicators.touching import KIND, look_again
from mendline.recovery.model import TriggerEpisode, TriggerEpisodeEnd
from mendline.recovery.triggers.asking import ask, ask_all
from mendline.recovery.triggers.episodes import Step, is_held_back, step_of
from mendline.recovery.triggers.facts import Answer, Facts, IndicatorLine
from mendline.recovery.triggers.opening import open_by_rule
from mendline.recovery.triggers.queries import (
    StoredEpisode,
    fired_today,
    keys_of,
    last_numbers,
    open_episodes,
    own_thresholds,
)
from mendline.recovery.triggers.reading import plans_of, read_facts
from mendline.recovery.triggers.windows import needs_of
from tenants.database import in_turn
from tenants.ids import new_id
from tenants.reach import Reach

MOST_FACTS = 50  # of one episode; how many there were is kept beside
SOON_AFTER = timedelta(minutes=1)
_BOOKED = text("""
select 1 from job
where provider_id = :provider and kind = :kind and state = 'queued' and service_id = :service
  and due_at > :now and due_at <= :at
limit 1
""")
_Taken = tuple[Rule, IndicatorLine | None, Answer, StoredEpisode | None, Step]


@dataclass(slots=True)
class Evaluated:
    """What one pass did."""

    asked: int = 0
    fired: int = 0
    ended: int = 0
    escalations: int = 0
    held_back: int = 0


@dataclass(slots=True)
class _Round:
    """One pass over a provider's services."""

    session: Session
    reach: Reach
    provider_id: uuid.UUID
    today: date
    now: datetime
    own: dict[str, dict[str, float]]
    fired: dict[str, int]
    done: Evaluated = field(default_factory=Evaluated)
    stale: list[tuple[uuid.UUID, uuid.UUID, date | None]] = field(default_factory=list)


def one_round_at_a_time(session: Session, provider_id: uuid.UUID) -> None:
    """Waits until no other transaction asks rules for this provider: two would open the same episode."""
    in_turn(session, f"triggers {provider_id}")


def evaluate(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    changed: Mapping[uuid.UUID, Collection[str]],
    *,
    today: date,
    now: datetime,
) -> Evaluated:
    """Asks the rules that the changes can touch.

    Args:
        session: a transaction with the reach of a job or of the command line.
        reach: for the ledger.
        provider_id: whose services.
        changed: by service, what changed, as `mendline.indicators.touching` names it; `*` asks every rule.
        today: the date in England.
        now: the moment, in UTC.
    """
    one_round_at_a_time(session, provider_id)
    this = _Round(
        session, reach, provider_id, today, now, own_thresholds(session, provider_id),
        fired_today(session, provider_id, today),
    )  # fmt: skip
    named = _named(session, provider_id, changed)
    for service_id, names in named.items():
        _service(this, service_id, names)
    if this.stale:
        mark_many_stale(session, provider_id, this.stale)
    return this.done


def _named(
    session: Session, provider_id: uuid.UUID, changed: Mapping[uuid.UUID, Collection[str]]
) -> dict[uuid.UUID, set[str]]:
    """The same with indicators by the keys of their definitions, as rules name them."""
    named = {service: {one for one in names if not one.startswith("indicator:")} for service, names in changed.items()}
    ids = [
        uuid.UUID(one.removeprefix("indicator:"))
        for names in changed.values()
        for one in names
        if one.startswith("indicator:")
    ]
    for service_id, keys in (keys_of(session, provider_id, list(changed), ids) if ids else {}).items():
        if service_id in named:
            named[service_id] |= {f"figure:{key}" for key in keys}
    return named


def _service(this: _Round, service_id: uuid.UUID, names: Collection[str]) -> None:
    rules = rules_touched(names, plans_of(this.session, this.provider_id, service_id))
    if not rules:
        return
    episodes = open_episodes(this.session, this.provider_id, service_id)
    facts = read_facts(
        this.session,
        this.provider_id,
        service_id,
        needs=needs_of(rules, this.own),
        warned={one.rule_key: one.state.opened_on for one in episodes},
        today=this.today,
        now=this.now,
    )
    asked = _asked(this, rules, facts, names)
    this.done.asked += len(asked)
    known = {(one.rule_key, one.subject): one for one in episodes}
    steps = []
    for rule, line, answer in asked:
        episode = known.get((rule.key, str(line.indicator_id) if line else ""))
        step = step_of(rule, episode.state if episode else None, answer.value, this.today)
        if step != Step():
            steps.append((rule, line, answer, episode, step))
    if steps:
        _take(this, service_id, facts, steps)
    _wake(this, service_id, [(rule, answer) for rule, _, answer in asked])


def _asked(
    this: _Round, rules: tuple[Rule, ...], facts: Facts, names: Collection[str]
) -> list[tuple[Rule, IndicatorLine | None, Answer]]:
    plain = ask_all(rules, facts, this.own)
    found: list[tuple[Rule, IndicatorLine | None, Answer]] = []
    for rule in rules:
        if rule.each_indicator:
            found += [
                (rule, line, ask(rule, replace(facts, focus=line.key), this.own.get(rule.key)))
                for line in _each(facts, names)
            ]
        else:
            found.append((rule, None, plain[rule.key]))
    return found


def _each(facts: Facts, names: Collection[str]) -> Iterable[IndicatorLine]:
    """The indicators that changed; all of them where something changed that has none, such as a review."""
    keys = {name.removeprefix("figure:") for name in names if name.startswith("figure:")}
    wide = any(name in ("*", "reviews") or name.startswith("rule:") for name in names)
    return [line for key, line in facts.indicators.items() if wide or key in keys]


def _take(this: _Round, service_id: uuid.UUID, facts: Facts, steps: Sequence[_Taken]) -> None:
    """Writes what follows from the answers of one service."""
    rules = [rule.key for rule, *_ in steps]
    numbers = last_numbers(this.session, this.provider_id, service_id, rules)
    here: Counter[str] = Counter()
    for rule, line, answer, episode, step in steps:
        if episode and step.ends:
            _end(this, service_id, episode, step.ends)
        if step.opens:
            held = rule.opens is not None and is_held_back(here[rule.key], this.fired.get(rule.key, 0))
            subject = str(line.indicator_id) if line else ""
            number = numbers.get((rule.key, subject), 0) + 1
            _open(this, service_id, rule, facts, line, answer, number=number, held=held)
            here[rule.key] += rule.opens is not None and not held


def _open(
    this: _Round,
    service_id: uuid.UUID,
    rule: Rule,
    facts: Facts,
    line: IndicatorLine | None,
    answer: Answer,
    *,
    number: int,
    held: bool,
) -> None:
    episode_id = new_id()
    about = _about(rule, facts, line)
    escalation_id = None
    if rule.opens is not None and not held and about:
        escalation_id = open_by_rule(
            this.session,
            this.reach,
            rule,
            provider_id=this.provider_id,
            service_id=service_id,
            indicator_id=about[0],
            episode_id=episode_id,
            words=answer.words,
            today=this.today,
            now=this.now,
        )
        this.done.escalations += 1
        this.fired[rule.key] = this.fired.get(rule.key, 0) + 1
    this.session.add(
        TriggerEpisode(
            provider_id=this.provider_id,
            service_id=service_id,
            episode_id=episode_id,
            rule_key=rule.key,
            rule_version=rule.version,
            family=rule.family,
            is_contradiction=rule.contradiction,
            subject=str(line.indicator_id) if line else "",
            number=number,
            indicator_ids=about,
            facts=[fact.told() for fact in answer.facts[:MOST_FACTS]],
            fact_count=len(answer.facts),
            thresholds={**rule.thresholds, **this.own.get(rule.key, {})},
            sentence=_sentence(answer.words),
            held_back=held,
            opened_on=this.today,
            escalation_id=escalation_id,
            recorded_at=this.now,
        )
    )
    this.session.flush()
    if rule.contradiction:
        _contradicted(this, service_id, rule, about, episode_id, _sentence(answer.words))
    this.done.fired += 1
    this.done.held_back += held


def _sentence(words: str) -> str:
    """What was found, as it stands by itself."""
    return f"{words[:1].upper()}{words[1:]}"


def _contradicted(
    this: _Round, service_id: uuid.UUID, rule: Rule, about: Sequence[uuid.UUID], episode_id: uuid.UUID, words: str
) -> None:
    """Speaks against the figures that the rule is about, until somebody answers in writing; it bears the episode's id."""
    for indicator_id in about:
        this.session.add(
            Contradiction(
                provider_id=this.provider_id,
                service_id=service_id,
                indicator_id=indicator_id,
                contradiction_id=episode_id,
                source=rule.title,
                says=words,
                noticed_on=this.today,
                origin=rule.key,
                recorded_by=None,
                recorded_initials=None,
                recorded_at=this.now,
            )
        )
        this.stale.append((service_id, indicator_id, None))
    this.session.flush()


def _end(this: _Round, service_id: uuid.UUID, episode: StoredEpisode, how: str) -> None:
    this.session.add(
        TriggerEpisodeEnd(
            provider_id=this.provider_id,
            service_id=service_id,
            episode_id=episode.episode_id,
            how=how,
            ended_on=this.today,
            recorded_at=this.now,
        )
    )
    this.session.flush()
    this.done.ended += 1


def _about(rule: Rule, facts: Facts, line: IndicatorLine | None) -> list[uuid.UUID]:
    """The indicators that a rule is about, its anchor first: the one in turn, those it names, or the plan's first."""
    if line is not None:
        return [line.indicator_id]
    named = [*rule.indicators, *sorted(name.removeprefix("figure:") for name in rule.reads if ":" in name)]
    for code in (name.removeprefix("warning:") for name in rule.reads if name.startswith("warning:")):
        named += rules()[code].indicators
    found = [facts.indicators[key].indicator_id for key in dict.fromkeys(named) if key in facts.indicators]
    if found:
        return found
    ordered = sorted(facts.indicators.values(), key=lambda one: (not one.in_plan, one.order))
    return [one.indicator_id for one in ordered[:1]]


def _wake(this: _Round, service_id: uuid.UUID, asked: Sequence[tuple[Rule, Answer]]) -> None:
    """Books the next look for rules that time alone can make true, unless one is booked by then already."""
    moments = {rule.key: answer.again_at for rule, answer in asked if answer.again_at and not answer.value}
    if not moments:
        return
    at = max(min(moments.values()) + SOON_AFTER, this.now + SOON_AFTER)
    booked = this.session.execute(
        _BOOKED, {"provider": this.provider_id, "service": service_id, "kind": KIND, "now": this.now, "at": at}
    ).first()
    if booked is None:
        look_again(this.session, this.provider_id, service_id, moments, at)
