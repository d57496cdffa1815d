"""Fixtures that every test may ask for; each is made in `tests/support/`."""

from support.buckets import bucket, credentials
from support.figures import figure
from support.servers import (
    database,
    database_url,
    migrated_template,
    new_database_url,
    postgres_server,
    role_passwords,
    state_folder,
    valkey_server,
    valkey_url,
)

__all__ = [
    "bucket",
    "credentials",
    "database",
    "database_url",
    "figure",
    "migrated_template",
    "new_database_url",
    "postgres_server",
    "role_passwords",
    "state_folder",
    "valkey_server",
    "valkey_url",
]
