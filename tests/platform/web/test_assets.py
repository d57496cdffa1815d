"""Builds the real sources with small stand-ins for the two npm packages, which are other people's files."""

import re
from pathlib import Path

import brotli
import pytest
from flask import Flask

from mendline.web import assets

HASHED = re.compile(r"^/static/(?P<stem>[a-z]+)\.[0-9a-f]{8}\.(?P<kind>css|js|svg)$")


def places_with_packages(folder: Path, *, chart_library: str = "/*! Chart.js */ var Chart = {};\n") -> assets.Places:
    packages = folder / "frontend" / "node_modules"
    files = packages / "@fontsource-variable" / "inter" / "files"
    files.mkdir(parents=True, exist_ok=True)
    (files.parent / "LICENSE").write_text("SIL Open Font License 1.1")
    for font in assets.FONTS:
        (files / font).write_bytes(b"wOF2" + font.encode())
    library = packages / "chart.js" / "dist" / "chart.umd.js"
    library.parent.mkdir(parents=True, exist_ok=True)
    library.write_text(chart_library + "//# sourceMappingURL=chart.umd.js.map\n")
    return assets.Places.under(folder)


def addresses_of(places: assets.Places) -> dict[str, str]:
    return assets.install(Flask("trial", static_url_path="/static"), places)


def text_of(places: assets.Places, name: str) -> str:
    return (places.static / Path(addresses_of(places)[name]).name).read_text("utf-8")


def test_every_bundle_gets_an_address_that_carries_the_hash_of_its_content(tmp_path: Path) -> None:
    places = places_with_packages(tmp_path)
    assets.build(places)
    addresses = addresses_of(places)
    assert set(addresses) == {
        "mendline.css",
        "mendline.js",
        "passkeys.js",
        "capture.js",
        "worker.js",
        "charts.js",
        "icons.svg",
        "favicon.svg",
    }
    for name, address in addresses.items():
        match = HASHED.match(address)
        assert match, f"{name} is served as {address}, which a browser may not keep for ever"
        assert (places.static / Path(address).name).is_file()


def test_a_changed_library_changes_the_name_of_its_bundle_and_of_no_other(tmp_path: Path) -> None:
    assets.build(places_with_packages(tmp_path))
    before = addresses_of(assets.Places.under(tmp_path))
    places = places_with_packages(tmp_path, chart_library="/*! Chart.js */ var Chart = { version: 'next' };\n")
    assets.build(places)
    after = addresses_of(places)
    assert {name for name in before if before[name] != after[name]} == {"charts.js"}


def test_an_older_build_leaves_nothing_behind(tmp_path: Path) -> None:
    assets.build(places_with_packages(tmp_path))
    places = places_with_packages(tmp_path, chart_library="var Chart = 2;\n")
    assets.build(places)
    assert len(list(places.static.glob("charts.*.js"))) == 1


def test_the_manifest_cannot_be_fetched(tmp_path: Path) -> None:
    places = places_with_packages(tmp_path)
    assets.build(places)
    assert places.manifest.is_file()
    assert places.static not in places.manifest.parents


def test_each_text_has_a_compressed_twin_of_the_same_content(tmp_path: Path) -> None:
    places = places_with_packages(tmp_path)
    assets.build(places)
    texts = [path for path in places.static.iterdir() if path.suffix in {".css", ".js", ".svg"}]
    assert len(texts) == 8
    for path in texts:
        assert brotli.decompress(path.with_name(path.name + ".br").read_bytes()) == path.read_bytes()


def test_fonts_come_from_ourselves_with_a_versioned_address_and_their_licence(tmp_path: Path) -> None:
    places = places_with_packages(tmp_path)
    assets.build(places)
    addresses = re.findall(r"url\(([^)]+)\)", text_of(places, assets.STYLE))
    assert [re.sub(r"\?v=[0-9a-f]{8}", "", address).strip('"') for address in addresses] == [
        f"fonts/{font}" for font in assets.FONTS
    ]
    assert all("?v=" in address for address in addresses)
    assert {path.name for path in (places.static / "fonts").iterdir()} == {*assets.FONTS, "LICENSE"}


def test_the_stylesheet_asks_nobody_else_for_anything(tmp_path: Path) -> None:
    places = places_with_packages(tmp_path)
    assets.build(places)
    style = text_of(places, assets.STYLE)
    assert "@import" not in style
    assert "//" not in style.replace("://www.w3.org", "")
    assert "/*" not in style


def test_scripts_name_no_source_map_that_is_not_there(tmp_path: Path) -> None:
    places = places_with_packages(tmp_path)
    assets.build(places)
    charts = text_of(places, assets.CHARTS)
    assert charts.startswith("/*! Chart.js */"), "the library comes first and keeps its licence notice"
    assert "sourceMappingURL" not in charts


def test_pages_are_served_without_the_packages_that_built_them(tmp_path: Path) -> None:
    places = places_with_packages(tmp_path)
    assets.build(places)
    (tmp_path / "frontend").rename(tmp_path / "gone")
    app = Flask("trial", static_url_path="/static")
    addresses = assets.install(app, places)
    with app.test_client().get(addresses[assets.STYLE]) as response:
        assert response.status_code == 200
    assert app.jinja_env.globals["asset"](assets.STYLE) == addresses[assets.STYLE]  # type: ignore[operator]


def test_without_a_build_the_message_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsNotBuiltError, match=r"python -m mendline\.web\.assets build"):
        addresses_of(places_with_packages(tmp_path))


def test_a_lost_file_is_found_at_start_and_not_by_a_visitor(tmp_path: Path) -> None:
    places = places_with_packages(tmp_path)
    assets.build(places)
    next(places.static.glob("mendline.*.css")).unlink()
    with pytest.raises(assets.AssetsNotBuiltError, match=r"mendline\.css"):
        addresses_of(places)


def test_a_missing_package_is_named_with_the_way_to_get_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert assets.main(["build", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "chart.umd.js is missing" in told
    assert "deploy/up --prepare" in told


def test_the_command_lists_what_it_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places_with_packages(tmp_path)
    assert assets.main(["build", str(tmp_path)]) == 0
    listed = capsys.readouterr().out.split()
    assert len(listed) == 10
    assert all(Path(line).is_file() for line in listed)


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert assets.main(["watch"]) == 2
    assert "usage:" in capsys.readouterr().err
