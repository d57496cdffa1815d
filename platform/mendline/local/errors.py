"""What can stop a machine-local start; each message says what to do."""


class LocalStartError(Exception):
    """A start that cannot go on; its text is shown to the person as it stands."""


class StoppedError(Exception):
    """A person or the machine asked for the end while something was still being started."""
