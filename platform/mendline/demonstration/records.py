"""Source records of the three recovery stories. They add up to the newest weeks' figures, record by record."""

import random
import zlib
from datetime import date

from mendline.demonstration import records_medicines as medicines
from mendline.demonstration import records_response as response
from mendline.demonstration import records_reviews as reviews
from mendline.demonstration.model import DemoRecord
from mendline.demonstration.recording import Maker
from mendline.demonstration.story import Setting

_UNITS = {
    "rosewood-house": ("Primrose", "Bluebell", "Foxglove"),
    "fernleigh": ("Fern", "Bracken"),
    "hawthorn-place": ("Sorrel", "Clover", "Yarrow"),
}


def records_of(setting: Setting) -> list[DemoRecord]:
    """Records of one service; none for services without a recovery plan."""
    units = _UNITS.get(setting.service.key)
    if units is None:
        return []
    maker = Maker(setting, units, random.Random(zlib.crc32(setting.service.key.encode())))  # noqa: S311 -- no secret
    {"rosewood-house": _rosewood, "fernleigh": _fernleigh, "hawthorn-place": _hawthorn}[setting.service.key](maker)
    return maker.made


def _rosewood(maker: Maker) -> None:
    medicines.end_of_shift_checks(maker)
    medicines.discrepancies(maker)
    medicines.audits(maker)
    medicines.observed_rounds(maker)
    medicines.controlled_drug_checks(maker)
    reviews.care_reviews(maker, "CF")
    reviews.review_actions(maker, "CF")
    reviews.timely_support_answers(maker, "SR")
    response.call_bells(maker)
    response.falls_with_harm(maker, "AO")
    response.concerns(maker)
    response.dependency(maker, "LO", maker.setting.clock.day(date(2026, 10, 2)))


def _fernleigh(maker: Maker) -> None:
    reviews.care_reviews(maker, "MB")
    reviews.review_actions(maker, "MB")
    reviews.quality_samples(maker, "JW")
    reviews.support_seen(maker, "JW")
    reviews.timely_support_answers(maker, "JW")


def _hawthorn(maker: Maker) -> None:
    response.call_bells(maker)
    response.delayed_support(maker, "BO")
    response.short_shifts(maker, "BO")
    reviews.timely_support_answers(maker, "YD")
