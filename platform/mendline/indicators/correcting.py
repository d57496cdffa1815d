"""Whether a figure that comes says something else than the one that stands, as pure rules: a correction needs its reason.

Worked example: 190 of 200 stands, final. 190 of 200 again says the same and changes nothing. 188 of 200 corrects it. Where
the week stood as missing, 190 of 200 corrects nothing: it was never a figure.
"""

from mendline.indicators.figures import WITHOUT_FIGURES, Figure


def says_the_same(earlier: Figure, figure: Figure, given_state: str | None) -> bool:
    """Whether a save changes nothing; a figure that was revised stays so where no other state is given."""
    if _numbers(earlier) != _numbers(figure):
        return False
    kept_as_revised = earlier.state == "revised" and figure.state == "final" and given_state is None
    return earlier.state == figure.state or kept_as_revised


def is_correction(earlier: Figure, figure: Figure) -> bool:
    """Other numbers, or numbers taken away; a figure that was missing and now comes corrects nothing."""
    return earlier.state not in WITHOUT_FIGURES and _numbers(earlier) != _numbers(figure)


def _numbers(figure: Figure) -> tuple[float | None, ...]:
    if figure.numerator is not None and figure.denominator is not None:
        return figure.numerator, figure.denominator
    return figure.numerator, figure.denominator, figure.value
