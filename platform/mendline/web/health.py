"""Whether this process lives, whether it can do its work, and the figures that a monitor collects."""

import redis
from flask import Response, jsonify
from sqlalchemy import text

from mendline.web.frame import ground
from mendline.web.section import PUBLIC, Section
from tenants.errors import UnavailableError

health = Section("health")


@health.page("/health/live", access=PUBLIC)
def live() -> Response:
    """The process answers."""
    return jsonify(status="live")


@health.page("/health/ready", access=PUBLIC)
def ready() -> tuple[Response, int]:
    """What this process needs, part by part. Pages and writes work without messages, so only the database decides."""
    database = _database_answers()
    body = {
        "status": "ready" if database else "not ready",
        "database": "answers" if database else "does not answer",
        "messages": "answers" if _messages_answer() else "does not answer; figures are kept and worked out later",
    }
    return jsonify(body), 200 if database else 503


@health.page("/metrics", access=PUBLIC)
def metrics() -> Response:
    """In the text format of Prometheus; nothing about a provider."""
    try:
        with ground().database.engine("web").begin() as connection:
            waited = float(connection.execute(text("select reach.oldest_wait()")).scalar_one())
            answers = 1
    except Exception:  # noqa: BLE001 -- a monitor wants a figure, whatever is broken
        waited, answers = float("nan"), 0
    lines = (
        "# HELP mendline_database_up Whether PostgreSQL answers.",
        "# TYPE mendline_database_up gauge",
        f"mendline_database_up {answers}",
        "# HELP mendline_oldest_unsent_job_seconds How long the oldest job has waited to be sent; 60 is an alarm.",
        "# TYPE mendline_oldest_unsent_job_seconds gauge",
        f"mendline_oldest_unsent_job_seconds {waited:.3f}",
        "",
    )
    return Response("\n".join(lines), mimetype="text/plain")


def _database_answers() -> bool:
    try:
        with ground().database.as_role("signin") as connection:
            connection.execute(text("select 1"))
    except UnavailableError:
        return False
    return True


def _messages_answer() -> bool:
    address = ground().settings.messages
    if address is None:
        return False
    try:
        client = redis.Redis.from_url(address, socket_connect_timeout=1, socket_timeout=1)
        try:
            return bool(client.ping())
        finally:
            client.close()
    except redis.RedisError:
        return False
