"""Every table of a tenant, parents first: what an archive, a transfer or an erasure must not forget."""

import importlib
import pkgutil

from sqlalchemy import Table

import mendline
from tenants.tables import Base

# Work in hand, keys and links: nothing that was written about a person.
MACHINERY = frozenset({"job", "stale_mark", "record_mark", "idempotency_key"})
_WITHOUT_WORDS = frozenset(
    {"ledger_seal", "ledger_anchor", "provider_key", "transferred_row", "transferred_table", "custody_file"}
)


def tenant_tables() -> list[Table]:
    """The tables of every area, parents first; a model that nobody imported would be forgotten otherwise."""
    for part in pkgutil.walk_packages(mendline.__path__, "mendline."):
        if part.name.endswith(".model"):
            importlib.import_module(part.name)
    for name in ("tenants.directory.model", "tenants.ledger", "tenants.jobs"):
        importlib.import_module(name)
    return [table for table in Base.metadata.sorted_tables if "provider_id" in table.c]


def searched_tables() -> list[Table]:
    """The tables in which something may be written about a person."""
    return [table for table in tenant_tables() if table.name not in MACHINERY | _WITHOUT_WORDS]
