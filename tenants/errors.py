class MendlineError(Exception):
    """Something a person can be told about; the message is plain English and says what to do."""


class NotFoundError(MendlineError):
    """The thing does not exist for this reach: absent and foreign look the same."""


class NotPermittedError(MendlineError):
    """The thing is within reach, but this role may not do that to it."""


class StepUpNeededError(NotPermittedError):
    """The act needs a factor that was shown within the last ten minutes: a page asks for one and comes back."""


class FactorMissingError(NotPermittedError):
    """Whoever signed in still has to set up a second factor: nothing is shown before that."""


class NoReachError(MendlineError):
    """The ticket is unknown, expired or revoked: sign in again."""


class RefusedError(MendlineError):
    """The input cannot be accepted as it stands; nothing was saved.

    Attributes:
        problems: one sentence per field or row, keyed by field name; empty when the message says it all.
    """

    def __init__(self, message: str, problems: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.problems = problems or {}


class ConflictError(MendlineError):
    """Somebody else changed the same thing first; nothing was saved."""


class UnavailableError(MendlineError):
    """A part that this needs is away for now; nothing was saved and trying again later is safe."""


class TooManyError(MendlineError):
    """As much of this is under way already as one provider may have, so that others are not kept waiting."""
