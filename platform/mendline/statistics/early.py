"""A run chart against the baseline median, for series too short for limits: an adverse mark is an early signal only."""

import numpy as np

from mendline.statistics.readings import Reading
from mendline.statistics.rule_sets import CURRENT_RULES, RuleSet
from mendline.statistics.rules import FIRST_MATCH, Lines, mark_points
from mendline.statistics.sufficiency import Sufficiency


def early_signal_of(reading: Reading, enough: Sufficiency, rules: RuleSet = CURRENT_RULES) -> bool:
    """Whether the last point of a run chart (7 to 11 usable points) ends an adverse shift or trend."""
    if enough.show != "run_chart" or reading.direction == 0 or reading.last is None:
        return False
    phase = reading.values[reading.phase_start : reading.last + 1][:, np.newaxis]
    unknown = np.array([[np.nan]])
    median = np.array([[np.nanmedian(phase)]])
    marked = mark_points(phase, Lines(median, unknown, unknown, unknown, unknown, np.zeros((1, 1))), runs=rules.runs)
    return FIRST_MATCH[int(marked.marks[-1, 0])][1] == -reading.direction
