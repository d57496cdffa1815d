import csv
import io

import pytest

from mendline.catalogue.csv_template import template_csv
from mendline.catalogue.record_types import RecordType, record_types
from mendline.catalogue.validation import ValidRecord, validate

EVERY_TYPE = pytest.mark.parametrize("declared", record_types().values(), ids=list(record_types()))


@EVERY_TYPE
def test_a_downloaded_template_can_be_sent_back_as_it_is(declared: RecordType) -> None:
    header, *rows = csv.reader(io.StringIO(template_csv(declared)))
    assert header == [field.name for field in declared.fields]
    assert len(rows) == 1
    assert isinstance(validate(declared, dict(zip(header, rows[0], strict=True))), ValidRecord)


@EVERY_TYPE
def test_no_cell_of_a_template_runs_as_a_formula(declared: RecordType) -> None:
    cells = [cell for row in csv.reader(io.StringIO(template_csv(declared))) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))] == []
