"""Whose account a page is about."""

import uuid

from mendline.people.signing.browser import require_own_sign_in
from mendline.web.frame import reach
from tenants.errors import NoReachError


def own_person_id() -> uuid.UUID:
    """The person who asks, signed in themselves in a browser.

    Raises:
        NotPermittedError: a token, or a quick re-entry with a PIN.
        NoReachError: nobody.
    """
    require_own_sign_in()
    person_id = reach().person_id
    if person_id is None:
        raise NoReachError("Sign in to see this page.")
    return person_id
