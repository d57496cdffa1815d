"""`mendline bench`: the benchmarks of a checkout, each printed as a table with ratios."""

import importlib.util
import sys
from pathlib import Path

import click

from mendline.config import resources

_PREFIX = "bench_"


@click.command()
@click.argument("name", required=False)
def bench(name: str | None) -> None:
    """Run the benchmark NAME and print its table; without a name, list those there are.

    They stand in `tests/bench` of a checkout; an installed package has none.
    """
    found = _benchmarks()
    if not found:
        raise click.ClickException("Benchmarks come with a checkout of the project, and this is not one.")
    if name is None:
        click.echo("\n".join(found))
        return
    path = found.get(name)
    if path is None:
        raise click.BadParameter(f"There is no benchmark {name!r}. There are: {', '.join(found)}.", param_hint="NAME")
    sys.path.insert(0, str(path.parents[1]))  # the builders of tests/support
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise click.ClickException(f"{path} cannot be loaded.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    click.echo(f"Running {name}; this takes a while.", err=True)
    click.echo(module.run())


def _benchmarks() -> dict[str, Path]:
    folder = resources().migrations.parent / "tests" / "bench"
    return {path.stem.removeprefix(_PREFIX): path for path in sorted(folder.glob(f"{_PREFIX}*.py"))}
