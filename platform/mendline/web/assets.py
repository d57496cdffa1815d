"""The stylesheet, scripts, icons and fonts of every page: built once before start, then only named.

Sources stand in `assets/`; Chart.js and Inter come from the installed front-end packages. Flask-Assets bundles them
into the static folder under names that carry a hash of their content, so that a browser may keep them for ever. Nothing
is built while pages are served, and no Node is needed then. The manifest stands outside the static folder, because what
is in that folder can be fetched by anybody.
"""

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import brotli
from flask import Flask
from flask_assets import Bundle, Environment

SOURCE = Path(__file__).parent / "assets"
REPOSITORY = Path(__file__).resolve().parents[3]
STYLE = "mendline.css"
SCRIPT = "mendline.js"
CHARTS = "charts.js"
CAPTURE = "capture.js"
WORKER = "worker.js"
PASSKEYS = "passkeys.js"
ICONS = "icons.svg"
FAVICON = "favicon.svg"
FONTS = ("inter-latin-opsz-normal.woff2", "inter-latin-ext-opsz-normal.woff2")
_FONT_PACKAGE = Path("@fontsource-variable", "inter")
_CHART_LIBRARY = Path("chart.js", "dist", "chart.umd.js")
_COMPRESSED = (".css", ".js", ".svg")


class AssetsNotBuiltError(RuntimeError):
    """The static folder holds no built files; the message names the command that makes them."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where built files go and where installed front-end packages are.

    Attributes:
        static: the folder that is served as `/static`.
        manifest: the file that knows which version of each bundle is current, outside `static`.
        packages: a `node_modules` folder.
    """

    static: Path
    manifest: Path
    packages: Path

    @classmethod
    def under(cls, state: Path) -> "Places":
        """The usual places under a state folder (`var/`)."""
        return cls(state / "static", state / "assets-manifest.json", state / "frontend" / "node_modules")


def install(app: Flask, places: Places) -> dict[str, str]:
    """Gives templates `asset(name)`, the address of a built file, and touches every bundle so that none is missed later.

    Args:
        app: the application; its static folder becomes the built one, so it must be made with a static address.
        places: where the built files are.

    Returns:
        The address of each built file by its plain name, such as `{"mendline.css": "/static/mendline.3f2a91c0.css"}`.

    Raises:
        AssetsNotBuiltError: nothing has been built yet.
    """
    addresses = _addresses(_environment(app, places))
    for name, address in addresses.items():
        if not (places.static / Path(address).name).is_file():
            raise AssetsNotBuiltError(f"{name} has not been built. Run: python -m mendline.web.assets build")
    app.jinja_env.globals["asset"] = addresses.__getitem__
    return addresses


def build(places: Places) -> list[Path]:
    """Builds every bundle, copies the fonts, compresses beside each, and removes what older builds left.

    Args:
        places: where to build to and from.

    Returns:
        The files that browsers will fetch, without their compressed twins.

    Raises:
        FileNotFoundError: a front-end package is not installed.
    """
    _require(places.packages / _CHART_LIBRARY, places.packages / _FONT_PACKAGE)
    fresh = places.static.with_name(places.static.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "fonts").mkdir(parents=True)
    built = Places(fresh, fresh.with_name(places.manifest.name + ".new"), places.packages)
    fonts = [_copy(places.packages / _FONT_PACKAGE / "files" / font, fresh / "fonts") for font in FONTS]
    _copy(places.packages / _FONT_PACKAGE / "LICENSE", fresh / "fonts")
    environment = _environment(Flask(__name__, static_folder=str(fresh), static_url_path="/static"), built)
    for bundle in environment:
        bundle.build(force=True)
    files = sorted(path for path in fresh.iterdir() if path.is_file())
    for path in files:
        if path.suffix in _COMPRESSED:
            path.with_name(path.name + ".br").write_bytes(brotli.compress(path.read_bytes(), quality=11))
    _replace(built, places)
    return [places.static / path.relative_to(fresh) for path in (*files, *fonts)]


def _environment(app: Flask, places: Places) -> Environment:
    app.static_folder = str(places.static)
    environment = Environment(app)
    environment.directory = str(places.static)
    environment.url = "/static"
    environment.append_path(str(SOURCE))
    environment.append_path(str(places.packages))
    environment.auto_build = False
    environment.cache = False
    environment.url_expire = False
    environment.manifest = f"json:{places.manifest}"
    environment.versions = "hash"
    for name, bundle in _bundles(places).items():
        environment.register(name, bundle)
    return environment


def _bundles(places: Places) -> dict[str, Bundle]:
    styles = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.glob("css/*.css"))
    charts = [str(places.packages / _CHART_LIBRARY), *_present("js/charts.js")]
    return {
        STYLE: Bundle(*styles, filters=[_short_style, _with_font_versions(places)], output="mendline.%(version)s.css"),
        SCRIPT: Bundle("js/mendline.js", output="mendline.%(version)s.js"),
        PASSKEYS: Bundle("js/passkeys.js", output="passkeys.%(version)s.js"),
        CAPTURE: Bundle(
            "js/capture_store.js", "js/capture_device.js", "js/capture.js", output="capture.%(version)s.js"
        ),
        WORKER: Bundle("js/capture_worker.js", output="worker.%(version)s.js"),
        CHARTS: Bundle(*charts, filters=[_no_source_map], output="charts.%(version)s.js"),
        ICONS: Bundle("icons.svg", filters=[_short_drawing], output="icons.%(version)s.svg"),
        FAVICON: Bundle("favicon.svg", output="favicon.%(version)s.svg"),
    }


def _present(name: str) -> list[str]:
    return [name] if (SOURCE / name).is_file() else []


def _addresses(environment: Environment) -> dict[str, str]:
    names = (STYLE, SCRIPT, PASSKEYS, CAPTURE, WORKER, CHARTS, ICONS, FAVICON)
    try:
        return {name: environment[name].urls()[0] for name in names}
    except Exception as error:
        raise AssetsNotBuiltError(
            "The front-end files are not built. Run: python -m mendline.web.assets build"
        ) from error


def _short_style(source: IO[str], output: IO[str], **_: object) -> None:
    """Drops comments and indentation; brotli does the rest."""
    text = re.sub(r"/\*.*?\*/", "", source.read(), flags=re.DOTALL)
    output.write("\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n")


def _short_drawing(source: IO[str], output: IO[str], **_: object) -> None:
    output.write(re.sub(r"<!--.*?-->\n?", "", source.read(), flags=re.DOTALL))


def _no_source_map(source: IO[str], output: IO[str], **_: object) -> None:
    """The map is not shipped, and a name that leads nowhere is an error in every developer's console."""
    output.write(re.sub(r"^//# sourceMappingURL=.*\n?", "", source.read(), flags=re.MULTILINE))


def _with_font_versions(places: Places) -> Callable[..., None]:
    """A filter that adds the hash of each font to its address, so that fonts may be kept for ever too."""

    def versioned(match: re.Match[str]) -> str:
        content = (places.static / match[1]).read_bytes()
        return f'url("{match[1]}?v={hashlib.sha256(content).hexdigest()[:8]}")'

    def with_font_versions(source: IO[str], output: IO[str], **_: object) -> None:
        output.write(re.sub(r'url\("(fonts/[^"]+)"\)', versioned, source.read()))

    return with_font_versions


def _copy(source: Path, folder: Path) -> Path:
    return Path(shutil.copyfile(source, folder / source.name))


def _require(*paths: Path) -> None:
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path} is missing. Install the front-end packages first: deploy/up --prepare")


def _replace(built: Places, places: Places) -> None:
    shutil.rmtree(places.static, ignore_errors=True)
    places.static.parent.mkdir(parents=True, exist_ok=True)
    built.static.rename(places.static)
    built.manifest.replace(places.manifest)


def main(arguments: list[str]) -> int:
    """`python -m mendline.web.assets build [STATE]`: builds into a state folder and lists what it made."""
    if not arguments or arguments[0] != "build" or len(arguments) > 2:
        sys.stderr.write("usage: python -m mendline.web.assets build [STATE]\n")
        return 2
    state = Path(arguments[1] if len(arguments) == 2 else os.environ.get("MENDLINE_STATE", REPOSITORY / "var"))
    try:
        files = build(Places.under(state.resolve()))
    except FileNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for path in files:
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
