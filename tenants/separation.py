"""Who enters does not assure: the rule that keeps whoever made a figure or a check from vouching for it.

Pure. The database holds the same line for decisions (`reach.entered` in the policy of reviews); commands ask here first,
so that a person is told in words, and other acts (an independent re-check, closing a high-risk action) ask as well.
"""

import uuid
from collections.abc import Iterable

from tenants.errors import RefusedError

NOT_ONE_S_OWN = (
    "Whoever entered the newest figure does not assure it. Ask somebody else who may, or record another decision."
)


def made_by(person_id: uuid.UUID | None, makers: Iterable[uuid.UUID | None]) -> bool:
    """Whether somebody is among those who made something; nobody in particular is never the same as nobody."""
    return person_id is not None and person_id in set(makers)


def must_not_assure_own(person_id: uuid.UUID | None, enterers: Iterable[uuid.UUID | None]) -> None:
    """Refuses an assurance by whoever entered the figure that it rests on.

    Args:
        person_id: who decides; None for a job or command, which decides nothing for itself.
        enterers: who entered or corrected the newest figure.

    Raises:
        RefusedError: they are the same; `problems` names the field `decision`.
    """
    if made_by(person_id, enterers):
        raise RefusedError("The decision was not recorded.", {"decision": NOT_ONE_S_OWN})
