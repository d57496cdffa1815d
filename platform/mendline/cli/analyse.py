"""`mendline analyse`: an analyst's door to `statistics/`; it needs no database and no settings."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from mendline.statistics.analyse import run_cases


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write there, not to standard output.")
def analyse(file: Path, output: Path | None) -> None:
    """Work out the cases of FILE, a JSON list of {"name", "kind", "input", "options"}; `-` is standard input.

    The answer is a JSON list of {"name", "result"}, or {"name", "error"} for a case that is not valid.
    """
    text = json.dumps(run_cases(_cases(file)), indent=1, allow_nan=False, ensure_ascii=False)
    if output is None:
        click.echo(text)
    else:
        output.write_text(f"{text}\n", encoding="utf-8")


def _cases(file: Path) -> list[Any]:
    try:
        cases = json.loads(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    except ValueError as problem:
        raise click.ClickException(f"{file} is not JSON: {problem}") from problem
    if not isinstance(cases, list):
        raise click.ClickException(f"{file} must hold a JSON list of cases.")
    return cases
