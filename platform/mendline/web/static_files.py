"""Built files, in the form that costs the browser least: compressed at their build, kept for a year by their names."""

from pathlib import Path

from flask import Flask, Response, request, send_from_directory

YEAR = 31_536_000


def serve_static(app: Flask, folder: Path) -> None:
    """Adds `/static/<name>` under the endpoint `static`; a browser that takes Brotli gets the file beside it."""

    def static(filename: str) -> Response:
        compressed = f"{filename}.br"
        if "br" in request.headers.get("Accept-Encoding", "") and (folder / compressed).is_file():
            response = send_from_directory(folder, compressed, max_age=YEAR)
            response.headers["Content-Encoding"] = "br"
            response.mimetype = _TYPES.get(Path(filename).suffix, "application/octet-stream")
            response.headers.add("Vary", "Accept-Encoding")
        else:
            response = send_from_directory(folder, filename, max_age=YEAR)
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        return response

    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=static)


_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
