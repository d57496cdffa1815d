"""A pack to test with: the sample of the interface guide, every service, person and figure invented."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from support.charts import MEDICINES, a_chart, weeks

from mendline.config import resources, state_folder
from mendline.indicators.chart import ChartSpec
from mendline.packs.document import (
    ActionRow,
    Claim,
    DecisionRow,
    EvidenceRow,
    Fact,
    FactRow,
    IndicatorPart,
    PackDocument,
    Position,
    PositionRow,
    RecordRow,
    RiskRow,
    Section,
    StoryRow,
)
from mendline.packs.render import PackPages, pack_pages
from mendline.web.readings import composite_reading

_POSITION = (
    ("Call bells answered within 5 minutes (evenings and weekends)", "72%", "61%", "90%", "deteriorating", "strong", "Assured", "27 Oct"),
    ("Agency share of care hours", "14%", "22%", "10%", "deteriorating lower", "sufficient", "Escalated", "10 Nov"),
    ("Staff who say they are confident giving medicines", "78%", "76%", "95%", "stable", "not_supported", "Further action", "5 Nov"),
    ("Evening and weekend shifts staffed to dependency", "81%", "79%", "95%", "stable", "not_supported", "Further action", "29 Oct"),
    ("Care review actions closed on time", "58%", "61%", "95%", "stable", "sufficient", "Further action", "11 Nov"),
    ("People who say support comes on time", "67%", "71%", "85%", "stable", "sufficient", "Further action", "12 Nov"),
    ("Falls with harm per 1,000 bed days", "3.1", "2.9", "2.0", "stable lower", "sufficient", "", ""),
    ("Medicines recorded without gaps", "91.2%", "97.1%", "98%", "improving", "strong", "Assured", "12 Nov"),
    ("Medicines discrepancies reviewed within 24 hours", "54%", "88%", "95%", "improving", "sufficient", "Further action", "12 Nov"),
    ("Care reviews completed on time", "63%", "91%", "95%", "improving", "strong", "Assured", "11 Nov"),
    ("Safeguarding concerns referred within 24 hours", "78%", "100%", "100%", "improving", "strong", "Assured", "13 Nov"),
    ("Recovery actions closed with evidence by the due date", "48%", "74%", "90%", "improving", "sufficient", "Assured", "10 Nov"),
)  # fmt: skip
_EVIDENCE = (
    ("E-046", "MAR chart export, week to 15 November", "Records", "Electronic MAR, report “Administration gaps”, run 16 Nov at 07:40", "unchanged"),
    ("E-045", "Weekly medicines audit, 14 charts", "Audit", "Quality drive, Audits, Medicines, 2026-11-12", "unchanged"),
    ("E-044", "Observed medicines rounds, 8 to 10 November", "Practice seen", "Workforce assurance file, sheets 11 to 14", "unchanged"),
    ("E-041", "Feedback from 9 people about their medicines", "Feedback", "Quality monitoring file, November, page 3", "unchanged"),
    ("E-039", "Discrepancy log, weeks 5 and 6", "Records", "Mendline end-of-shift checks, 2 to 15 Nov", "unchanged"),
    ("E-033", "Agency shift list and inductions, 19 to 25 October", "Records", "Rota system, week 43, export", "unchanged"),
    ("E-031", "Weekly medicines audit, 22 October", "Audit", "Quality drive, Audits, Medicines, 2026-10-22", "unchanged"),
    ("E-030", "Medicines governance minutes, 29 October", "Minutes", "Quality drive, Governance, 2026-10-29", "changed"),
    ("E-028", "Provider oversight minutes, 20 October", "Minutes", "Provider drive, Oversight, 2026-10", "unchanged"),
    ("E-001", "CQC inspection report, 11 September 2026", "Partner", "CQC website, downloaded 11 Sep", "unchanged"),
)  # fmt: skip


def a_fingerprint(of: str) -> str:
    return hashlib.sha256(of.encode()).hexdigest()


def _composite(status: str, evidence: str) -> str:
    word = status.split(maxsplit=1)[0]
    return "not_supported" if evidence == "not_supported" else {"insufficient": "too_few"}.get(word, word)


def a_position() -> Position:
    rows = []
    for indicator, baseline, now, target, status, evidence, decision, decided in _POSITION:
        reading = composite_reading(_composite(status, evidence), lower_is_better="lower" in status)
        words = evidence.replace("_", " ").capitalize()
        anchor = "medicines" if indicator.startswith("Medicines recorded") else ""
        rows.append(PositionRow(indicator, baseline, now, target, reading, words, decision, decided, anchor))
    decline = Claim(
        "Call bells answered within 5 minutes fell below the lower limit in the week of 26 October. A decision was due "
        "by 9 November and none was recorded. The nominated individual opened a review on 17 November.",
        ("R-015",),
    )
    sentence = (
        "5 of 12 indicators are improving. 2 are getting worse, and 2 cannot be relied on yet. One decline had no "
        "decision within 7 days. It is listed first."
    )
    return Position(sentence, tuple(rows), (decline,))


def a_medicines_part(chart: ChartSpec | None = None, **changes: Any) -> IndicatorPart:
    story = (
        StoryRow("A", "Week of 31 Aug", "Gaps rose to 1 in 10. Warning notice received on 3 September.",
                 "Handover fell in the middle of the evening round and no one checked the charts afterwards.",
                 "Medicines lead named. Handover moved to 30 minutes after the round.", ("A-003",)),
        StoryRow("B", "Week of 5 Oct", "Results began to rise: 92.6%, then 94.9%.",
                 "End-of-shift check started on 5 October, so gaps are found while the person who gave the medicine is "
                 "still on duty.", "Discrepancy log reviewed every day, not weekly.", ("A-009",)),
        StoryRow("C", "Week of 19 Oct", "Fell to 93.4%.",
                 "Two agency seniors covered four nights without an induction to the check.",
                 "Induction checklist before the keys are handed over.", ("A-022",)),
        StoryRow("D", "Week of 26 Oct", "Rose to 95.8% and has kept rising.",
                 "A second checker was added to the evening round on Primrose and Bluebell units.",
                 "Kept. Four rounds observed, all followed the process.", ("E-044",)),
    )  # fmt: skip
    facts = (
        Fact("Now, week of 9 Nov", "97.1%", "1,204 of 1,240"),
        Fact("Baseline, 12 weeks", "91.2%", "limits 87.3 to 95.1%"),
        Fact("Target by 13 December", "98%", "0 of last 6 weeks met"),
        Fact("Evidence", "Strong", "4 of 4 kinds current"),
    )
    fields: dict[str, Any] = {
        "anchor": "medicines-gaps",
        "name": "Medicines recorded without gaps",
        "sentence": "",
        "facts": facts,
        "chart": chart or a_chart(),
        "method": "Limits are fixed from the 12 baseline weeks.",
        "sources": ("E-046",),
        "story": story,
    }
    return IndicatorPart(**{**fields, **changes})


def a_section(**changes: Any) -> Section:
    fields: dict[str, Any] = {
        "anchor": "medicines",
        "heading": "Medicines optimisation",
        "label": "Safe: Medicines optimisation",
        "kicker": "Key question: Safe. Regulation 12(2)(g)",
        "sentence": "Medicines recorded without gaps have risen from 91.2% to 97.1% in six weeks. This is a real change, "
        "not chance. The 98% target has not yet been met in any week.",
        "contents": "1 indicator, 3 decisions, 10 pieces of evidence. Warning notice, Regulation 12",
        "found": (
            Claim(
                "At the inspection of 15 July 2026, medicines audits showed repeated gaps in recording, slow review of "
                "discrepancies, and staff who were not confident in the process. Our aim is 98% recorded without gaps by "
                "week 10, shown by medication records, audits, feedback and staff practice.",
                ("E-001",),
            ),
        ),
        "indicators": (a_medicines_part(),),
        "weaknesses": (
            Claim("The target has not been met.", ("E-046",)),
            Claim("Two agency shifts last week had no induction checklist.", ("E-033", "A-022")),
            Claim("The evening round still depends on one senior (score 12).", ("R-011",)),
        ),
        "decisions": (
            DecisionRow("12 Nov", "Assured", "Denise Hartley, registered manager",
                        "Three weeks above the upper limit. Four observed rounds followed the process. End-of-shift check "
                        "stays until 98% is held.", ("E-044", "E-045", "E-046")),
            DecisionRow("22 Oct", "Further action", "Denise Hartley, registered manager",
                        "Fell to 93.4%. Agency seniors had no induction to the check. Opened A-022.", ("E-031", "E-033")),
            DecisionRow("20 Oct", "Further action", "Helen Marsh, nominated individual",
                        "Asked for night rounds to be observed, not only day rounds.", ("E-028",)),
        ),
        "voices": (
            Claim("9 people were asked about their medicines on 6 November. 8 said they get them on time and know what "
                  "they are for. One person said the evening round is sometimes late at weekends.", ("E-041",)),
            Claim("Night seniors describe finding and putting right gaps on the same shift.", ("E-044",)),
        ),
        "checks": (
            Claim("Ask to see the MAR charts for any day from 5 October. Compare them with the end-of-shift check for "
                  "that night.", ("E-039",)),
            Claim("Ask a night senior what they do when they find a gap."),
        ),
    }  # fmt: skip
    return Section(**{**fields, **changes})


def a_pack(**changes: Any) -> PackDocument:
    evidence = tuple(
        EvidenceRow(reference, what, kind, where, a_fingerprint(reference), "16 Nov", state)
        for reference, what, kind, where, state in _EVIDENCE
    )
    facts = tuple(
        FactRow("Medicines recorded without gaps", "medicines-gaps", day.isoformat(), round(value * 12.4), 1240, value,
                "final", 0, "imported", f"{day + timedelta(days=8)}T07:40:00Z", ("E-046",))
        for day, value in zip(weeks(18), MEDICINES, strict=True)
    )  # fmt: skip
    fields: dict[str, Any] = {
        "reference": "RH-2026-11-17-01",
        "provider": "Alderway Care Group",
        "service": "Rosewood House",
        "prepared_for": "Prepared for the Care Quality Commission",
        "subtitle": "17 November 2026, recovery week 7 of 12",
        "as_at": "17 November 2026, 9:30am",
        "as_at_iso": "2026-11-17T09:30:00Z",
        "figures_to": "15 November 2026",
        "cover": (
            Fact("Service", "Rosewood House, residential care home, 42 people"),
            Fact("CQC rating", "Requires improvement. Safe: Inadequate. Published 11 September 2026"),
            Fact("Notices", "Warning notice, Regulation 12, comply by 14 December 2026"),
            Fact("Breaches", "Regulations 12, 17 and 18"),
            Fact("Period covered", "13 July to 15 November 2026"),
            Fact("Registered manager", "Denise Hartley"),
            Fact("Nominated individual", "Helen Marsh"),
        ),
        "position": a_position(),
        "sections": (a_section(),),
        "actions": (
            ActionRow("A-022", "Induction checklist before the keys are handed over.", "D Hartley", "Due 15 Nov",
                      "2 days late", True, "Agency seniors covered nights without an induction.",
                      "", ("E-033",)),
            ActionRow("A-009", "Discrepancy log reviewed every day.", "P Nowak", "Due 9 Oct", "Closed 8 Oct", False,
                      "Slow review of discrepancies.", "Gaps are found on the same shift.", ("E-039",)),
            ActionRow("A-003", "Medicines lead named; handover moved.", "H Marsh", "Due 7 Sep", "Closed 4 Sep", False,
                      "Repeated gaps in recording.", "Evening round no longer interrupted.", ("E-045",)),
        ),
        "risks": (
            RiskRow("R-011", "Evening round relies on one senior", "12", "12", "P Nowak", "24 Nov", ("A-022",)),
            RiskRow("R-015", "Call bells wait at evenings and weekends", "15", "12", "H Marsh", "19 Nov"),
        ),
        "gaps": (Claim("Staff confidence rests on 6 replies from 31 staff, so we do not rely on it."),),
        "evidence": evidence,
        "records": (RecordRow("D-118", "Discrepancy, evening round, 14 November", "Mendline end-of-shift checks"),),
        "facts": facts,
        "left_out": (Fact("Effective, Caring, Responsive and Well-led", "Not in this sample"),),
        "control": (
            Fact("Author", "D Hartley, registered manager"),
            Fact("Approved by", "H Marsh, nominated individual, 17 November 2026"),
            Fact("Redaction", "People and staff as codes; counts under 5 as “fewer than 5”"),
        ),
        "framework": "Quality statements, as used at the inspection of 15 July 2026 (version 2023-12)",
        "rule_set": "XmR 2026-11: four rules, 7 points, moving ranges screened once",
        "is_sample": True,
    }  # fmt: skip
    return PackDocument(**{**fields, **changes})


def an_empty_pack() -> PackDocument:
    section = a_section(
        sentence="Nothing has been recorded for this section yet.", contents="", found=(), indicators=(), weaknesses=(),
        decisions=(), voices=(), checks=(),
    )  # fmt: skip
    return a_pack(
        position=Position("No indicator is being measured yet.", ()), sections=(section,), actions=(), risks=(), gaps=(),
        evidence=(), records=(), facts=(), left_out=(), control=(),
    )  # fmt: skip


def pages_of(document: PackDocument) -> PackPages:
    return pack_pages(document, resources().templates, front_end_packages())


def front_end_packages() -> Path:
    return state_folder(os.environ) / "frontend" / "node_modules"
