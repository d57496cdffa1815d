"""What each error says: what happened, whether work was kept, what to do. Never a stack trace, never blame."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """An error in plain words; `reference` is the request's id, which support can look up."""

    status: int
    heading: str
    text: str
    advice: str
    icon: str = "i-warn"
    reference: str = ""
    back_href: str = "/"
    back_label: str = "Go to the first page"


_WORDS: dict[int, tuple[str, str, str, str]] = {
    400: (
        "That could not be understood",
        "Something in the address or the form was not as expected.",
        "Go back, check what you entered, and send it again. Nothing was saved.",
        "i-warn",
    ),
    403: (
        "Your access does not include this",
        "You are signed in, but your role does not cover this page or act.",
        "The registered manager or nominated individual of the service can change what you may see.",
        "i-lock",
    ),
    404: (
        "There is nothing here for you",
        "The page does not exist, or it is not within your access.",
        "Check the address, or go back to your services and find it from there.",
        "i-doc",
    ),
    405: (
        "That cannot be done this way",
        "The address is right, but not for this kind of request.",
        "Go back to the page that you came from and use the button there.",
        "i-warn",
    ),
    409: (
        "Somebody else was first",
        "This was changed while you were working on it, so your change was not saved.",
        "Go back, load the page again to see what changed, and enter your change once more.",
        "i-warn",
    ),
    413: (
        "That file is too large",
        "The file was not read, and nothing was saved.",
        "Choose a smaller file, or split it into parts.",
        "i-doc",
    ),
    429: (
        "Too many requests",
        "So many requests came from here that they are being slowed down. Nothing is lost.",
        "Wait a minute, then try again.",
        "i-clock",
    ),
    500: (
        "Something went wrong on our side",
        "What you were doing was not saved. Everything saved before is safe.",
        "Try again. If it happens again, tell support the reference below.",
        "i-warn",
    ),
    503: (
        "Mendline is not available right now",
        "A part that is needed does not answer. Everything saved before is safe.",
        "Wait a minute, then try again. Paper records made meanwhile can be entered later with their own time.",
        "i-clock",
    ),
}


def error_page(status: int, reference: str = "", *, text: str = "", advice: str = "") -> ErrorPage:
    """The page for an HTTP status.

    Args:
        status: an HTTP status; one without words of its own is explained by its class, as 400 or 500.
        reference: the request's id.
        text: what happened, where it is known better than in general.
        advice: what to do, where it is known better than in general.
    """
    known = status if status in _WORDS else (500 if status >= 500 else 400)
    heading, usual_text, usual_advice, icon = _WORDS[known]
    return ErrorPage(status, heading, text or usual_text, advice or usual_advice, icon, reference)
