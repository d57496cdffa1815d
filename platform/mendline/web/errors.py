"""What goes wrong, told in plain English with what to do: as a page, or as problem details (RFC 9457) for the API."""

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from mendline.web.frame import is_api
from mendline.web.looks import note_refusal
from mendline.web.page import layout_context
from tenants.errors import (
    ConflictError,
    FactorMissingError,
    MendlineError,
    NoReachError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
    StepUpNeededError,
    TooManyError,
    UnavailableError,
)

STATUS: Mapping[type[MendlineError], int] = {
    NotFoundError: 404,
    NotPermittedError: 403,
    NoReachError: 401,
    RefusedError: 422,
    ConflictError: 409,
    UnavailableError: 503,
    TooManyError: 429,
}

# Status -> heading and, where the error itself brings no words, what to do.
TOLD = {
    400: ("That request could not be read", "Go back, check what you sent and try again."),
    401: ("Sign in first", "Sign in to see this page."),
    403: ("Your sign-in does not cover this", "Nothing was changed. Go back, or on to your first page."),
    404: ("There is nothing here", "Check the address. It may be wrong, or your sign-in may not cover it."),
    405: ("That cannot be done here", "Go back and use the buttons on the page."),
    409: ("This cannot be done as things stand", "Open the page again to see how things stand, then try once more."),
    413: ("That is too large", "Send a smaller file, or split it into parts."),
    415: ("That kind of file is not taken", "Send it as CSV, or as the form asks."),
    422: ("That could not be saved", "Nothing was saved. Mend what is named below and send it again."),
    429: ("Too many requests", "Wait a minute and try again."),
    500: (
        "Something went wrong on our side",
        "Nothing was half saved. Try again; if it goes on, tell us the reference.",
    ),
    503: ("Mendline is not available for the moment", "Nothing was saved. Wait a minute and try again."),
}

NOT_SHOWN = ("That cannot be shown", "Open the page from its start, without what its address asks for besides.")
# The same where a program asks, which sees no page and goes back to none.
TOLD_PROGRAMS = {
    401: ("A token is needed", "Send the header Authorization: Bearer with a token that has not ended."),
    405: ("This address does not take that method", "Use one of the methods that the header Allow names."),
    409: ("It does not fit what is there", "Ask for what is there now, then try once more."),
    415: ("That content type is not taken", "Send JSON, with the header Content-Type: application/json."),
    422: ("That cannot be taken as it is", "Mend what is named below and send it again."),
}


def answer_errors(app: Flask) -> None:
    """Registers one handler per kind of error; a stack trace never leaves the server."""
    app.register_error_handler(MendlineError, _told)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def problem(
    status: int, detail: str, problems: Mapping[str, str] | None = None, reference: str | None = None
) -> Response:
    """Problem details with a stable `type`."""
    heading, what_to_do = TOLD_PROGRAMS.get(status) or TOLD.get(status, TOLD[500])
    is_of_pages = status == 401 or detail == TOLD.get(status, ("", ""))[1]
    body: dict[str, object] = {
        "type": f"urn:mendline:problem:{status}",
        "title": heading,
        "status": status,
        "detail": what_to_do if is_of_pages else detail,
    }
    if problems:
        body["problems"] = [{"field": field, "reason": reason} for field, reason in problems.items()]
    if reference:
        body["reference"] = reference
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def _told(error: MendlineError) -> Response | tuple[str, int]:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    if isinstance(error, StepUpNeededError) and not is_api():
        return redirect(url_for("confirm.form", next=_page_of_request()), 303)  # type: ignore[return-value]
    if isinstance(error, FactorMissingError) and not is_api():
        return redirect(url_for("factors.overview"), 303)  # type: ignore[return-value]
    if status in (403, 404):
        note_refusal(status)
    if status == 401 and not is_api():
        return redirect(_way_in())  # type: ignore[return-value]
    return _answer(status, str(error), getattr(error, "problems", None))


def _way_in() -> str:
    """Where somebody whose sign-in is over, or who has none, comes in: whoever had a link has no password to type."""
    if request.blueprint == "inspection":
        return url_for("inspection.code", ended=1)
    return url_for("signin.form", next=request.full_path if request.method == "GET" else None)


def _page_of_request() -> str:
    """What is gone back to after a factor was shown: this page, or for a form that was sent the page that it stands on."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    came_from = urlsplit(request.headers.get("Referer", ""))
    return came_from.path if came_from.netloc == request.host else "/"


def _http(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    _, what_to_do = TOLD.get(error.code, TOLD[500])
    if error.code == 413 and request.max_content_length:
        what_to_do = f"At most {request.max_content_length / 2**20:.3g} MB are taken here. {what_to_do}"
    custom = error.description if error.description != type(error).description else None
    answer = make_response(_answer(error.code, custom or what_to_do))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _unexpected(error: Exception) -> Response | tuple[str, int]:
    reference = secrets.token_hex(4)
    current_app.logger.error("unexpected error, reference %s", reference, exc_info=error)
    return _answer(500, TOLD[500][1], reference=reference)


def _answer(
    status: int, words: str, problems: Mapping[str, str] | None = None, reference: str | None = None
) -> Response | tuple[str, int]:
    if is_api():
        return problem(status, words, problems, reference)
    is_look = status == 422 and request.method in ("GET", "HEAD")
    heading, what_to_do = NOT_SHOWN if is_look else TOLD.get(status, TOLD[500])
    page = render_template(
        "errors/error.html",
        heading=heading,
        words=words,
        what_to_do=what_to_do if words != what_to_do else None,
        problems=problems or {},
        reference=reference,
        status=status,
        **layout_context(title=heading),
    )
    return page, status
