"""Where an email goes: to a mail server by SMTP, or into a folder where none is set."""

import os
import smtplib
import ssl
import tempfile
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

TIMEOUT_SECONDS = 20


class RefusedForGoodError(Exception):
    """The mail server will never take this letter: no such mailbox, or its content is refused."""


class AwayError(Exception):
    """The mail server cannot be reached, or asks to be tried later."""


class Carrier(Protocol):
    """Takes an email to where it goes."""

    def deliver(self, message: EmailMessage) -> str:
        """Delivers it and gives a receipt.

        Raises:
            RefusedForGoodError: no further try will help.
            AwayError: a later try may help.
        """


class Folder:
    """Keeps each letter as a file, once, under the name of its Message-ID: for a machine without a mail server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, message: EmailMessage) -> str:
        """Writes the file; a letter that is there already stays as it is."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        target = self._folder / f"{name}.eml"
        handle, beside = tempfile.mkstemp(dir=self._folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(message.as_bytes(policy=SMTP))
            with suppress(FileExistsError):  # whole or not at all, and only the first
                os.link(beside, target)
        except OSError as problem:
            raise AwayError(str(problem)) from problem
        finally:
            Path(beside).unlink()
        return target.name


class MailServer:
    """Hands letters to a mail server by SMTP.

    The address is `smtp://user:password@host:port` (with STARTTLS where the server offers it, always where
    `?starttls=1` asks for it) or `smtps://…`.
    """

    def __init__(self, url: str) -> None:
        """Connects to nothing yet.

        Raises:
            ValueError: the address is none of SMTP.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("the address of the mail server begins with smtp:// or smtps:// and names a host")
        self._host, self._tls = parts.hostname, parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 25)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._must_start_tls = parse_qs(parts.query).get("starttls") == ["1"]

    def deliver(self, message: EmailMessage) -> str:
        """Delivers it; the receipt is the server's answer to the letter."""
        try:
            with self._connected() as server:
                return self._hand_over(server, message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as problem:
            raise _judged(problem) from problem
        except (OSError, smtplib.SMTPException) as problem:  # also no connection, a lost one, wrong credentials
            raise AwayError(f"{type(problem).__name__}: {problem}") from problem

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._tls:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_SECONDS, context=context)
        server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        server.ehlo()
        if self._must_start_tls or (server.has_extn("starttls") and self._user):
            server.starttls(context=context)
            server.ehlo()
        return server

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage) -> str:
        """MAIL, RCPT and DATA by hand, since `send_message` keeps the server's answer to itself."""
        server.ehlo_or_helo_if_needed()
        if self._user:
            server.login(self._user, self._password)
        sender, recipient = _bare(message["From"]), _bare(message["To"])
        code, answer = server.mail(sender)
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, answer, sender)
        code, answer = server.rcpt(recipient)
        if code not in (250, 251):
            raise smtplib.SMTPRecipientsRefused({recipient: (code, answer)})
        code, answer = server.data(message.as_bytes(policy=SMTP))
        if code != 250:
            raise smtplib.SMTPDataError(code, answer)
        return f"{code} {answer.decode(errors='replace')}"


def carrier(smtp_url: str | None, folder: Path) -> Carrier:
    """The way out that the settings name: a mail server, or else a folder."""
    return MailServer(smtp_url) if smtp_url else Folder(folder)


def _bare(header: object) -> str:
    return str(header).rpartition("<")[2].strip("> ")


def _judged(problem: smtplib.SMTPException) -> Exception:
    """By the first digit of the reply (RFC 5321, section 4.2.1): 5 is for good, 4 is for now."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(problem.recipients.values()))
    else:
        code, words = getattr(problem, "smtp_code", 451), getattr(problem, "smtp_error", b"")
    told = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    return RefusedForGoodError(told) if 500 <= code < 600 else AwayError(told)
