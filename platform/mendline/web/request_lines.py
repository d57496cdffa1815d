"""Says of each line of the log which request it belongs to: by a random identifier and by the route, never by the address."""

import logging
import secrets

from flask import g, has_request_context, request


class OfRequest(logging.Filter):
    """Adds the request; an address would name services and people, so the route's own name stands for it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record pass."""
        if has_request_context():
            record.request = {
                "id": g.setdefault("log_id", secrets.token_hex(8)),
                "method": request.method,
                "route": request.endpoint,
            }
        return True


def name_requests() -> None:
    """Puts the request into every line of this process that has one."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(OfRequest())
