"""Rounding for display that never seems to contradict a decision made on the unrounded figure."""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

EXTRA_DECIMALS = 6
NO_FIGURE = "\N{EN DASH}"


def shown_figure(value: float | None, *, decimals: int = 1, against: Sequence[float | None] = ()) -> str:
    """The figure with as few decimals, from `decimals` on, as keep it on its side of every line it was judged against.

    Args:
        value: the unrounded figure; None and figures that are not finite are shown as an en dash.
        decimals: usual number of decimals.
        against: target, limits and centre that the figure was compared with.
    """
    if value is None or not math.isfinite(value):
        return NO_FIGURE
    exact = Decimal(repr(float(value)))
    lines = [Decimal(repr(float(line))) for line in against if line is not None and math.isfinite(line)]
    for places in range(decimals, decimals + EXTRA_DECIMALS + 1):
        rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP) if abs(exact) < 10**15 else exact
        if all((rounded > line) - (rounded < line) == (exact > line) - (exact < line) for line in lines):
            break
    text = f"{rounded:f}"
    return text[1:] if text.startswith("-") and not rounded else text
