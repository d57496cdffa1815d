"""Prints the map of URLs, for review and for `tests/data/url_map.txt`: `PYTHONPATH=tests python -m support.url_map`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from support.visiting import an_application
from support.walk import url_map_text

from tenants.database import Database

if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:9/none", {})
        sys.stdout.write(url_map_text(an_application(nowhere, Path(folder))))
