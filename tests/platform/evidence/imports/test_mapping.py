import pytest

from mendline.evidence.imports.mapping import MappingError, find_mapping, parse_mapping, shipped_mappings

GOOD = """
name: small
target: observations
service: {from: home}
period: {from: week}
figures:
  - indicator: {constant: falls_rate}
    numerator: falls
"""


def test_every_shipped_mapping_says_what_it_is_for():
    assert list(shipped_mappings()) == [
        "local-authority-monthly",
        "observations",
        "staffing-quarterly",
        "weekly-infections",
    ]
    assert all(mapping.title and len(mapping.purpose) > 40 for mapping in shipped_mappings().values())


def test_a_header_alone_is_a_column():
    mapping = parse_mapping(GOOD)
    assert mapping.figures[0].numerator.sources == ("falls",)
    assert mapping.wanted() == ("week", "falls")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("target: observations", "target: dreams"), "target is 'dreams'"),
        (("period:", "perriod:"), "does not know perriod"),
        (("period: {from: week}", "period: {from: week, read: guess}"), "read is 'guess'"),
        (("period: {from: week}", ""), "needs: period"),
        (("{constant: falls_rate}", "{constant: falls_rate, from: x}"), "not both"),
        (("{from: home}", "{from: home, match: smell}"), "match is 'smell'"),
        (("{from: home}", "[{from: home, match: area}, {from: name}]"), "stands alone"),
        (("numerator:", "nominator:"), "does not know nominator"),
        (("indicator: {constant: falls_rate}", "value: x"), "needs its indicator"),
    ],
)
def test_a_mapping_that_says_something_unknown_is_refused(change, message):
    with pytest.raises(MappingError, match=message):
        parse_mapping(GOOD.replace(*change))


def test_an_unknown_name_is_answered_with_those_that_exist():
    with pytest.raises(MappingError, match="weekly-infections"):
        find_mapping("weakly")
