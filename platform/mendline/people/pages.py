"""What the pages before and around a sign-in show."""

from dataclasses import dataclass

from mendline.web.components import Form, Head, Note


@dataclass(frozen=True, slots=True)
class DemonstrationSignIn:
    """A sign-in of the demonstration, shown in the open because there is nothing real behind it."""

    role: str
    name: str
    organisation: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class StartPage:
    """What Mendline is, for somebody who sees it for the first time.

    Attributes:
        sign_in_action: where a demonstration sign-in posts to.
        origin: where the demonstration's figures come from, with the licences' attribution, one sentence each.
    """

    sign_in_action: str
    sign_in_href: str
    sign_ins: tuple[DemonstrationSignIn, ...] = ()
    origin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Signing in; a second page of the same shape asks for the code."""

    head: Head
    form: Form
    note: Note | None = None
