"""Writes the row-level policies of tenant tables, all in one form: the only place where a policy's text is made.

One permissive policy per command, the right to write inside it; no RESTRICTIVE policy (Citus drops the restriction on
its shards without a word). Functions stand in a scalar subselect, so that PostgreSQL resolves them once per statement
and uses them as index conditions.
"""

RUNNING = "mendline_web, mendline_worker, mendline_reader"


def service_rows(class_: str, mode: str = "readable") -> str:
    """Rows of the services where the ticket holds a class: `readable` or `writable`."""
    return (
        "provider_id = any ((select reach.providers())::uuid[])"
        f" and service_id = any ((select reach.{mode}('{class_}'))::uuid[])"
    )


def provider_rows(class_: str, mode: str = "readable") -> str:
    """Rows of the providers where the ticket holds a class for the whole provider."""
    return f"provider_id = any ((select reach.providers_{mode}('{class_}'))::uuid[])"


def secured(
    table: str,
    *,
    read: str | None = None,
    insert: str | None = None,
    update: str | None = None,
    delete: str | None = None,
    update_columns: str | None = None,
    writers: tuple[str, ...] = ("web", "worker"),
    changers: tuple[str, ...] = ("worker",),
) -> list[str]:
    """The statements that put a tenant's table behind its policies and give the running roles just what they need.

    Args:
        table: its name, qualified where it is not in `public`.
        read: what rows a SELECT shows.
        insert: what rows may come in; no privilege to insert where it is None, and so for the others.
        update: what rows may change (their old and new form).
        delete: what rows may go.
        update_columns: the columns that may change, comma-separated; all where None.
        writers: roles that may insert.
        changers: roles that may update or delete.
    """
    name = table.replace(".", "_")
    said = [
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
    ]
    if read:
        said += [
            f"create policy {name}_read on {table} for select to {RUNNING} using ({read})",
            f"grant select on {table} to {RUNNING}",
        ]
    if insert:
        roles = ", ".join(f"mendline_{role}" for role in writers)
        said += [
            f"create policy {name}_insert on {table} for insert to {roles} with check ({insert})",
            f"grant insert on {table} to {roles}",
        ]
    roles = ", ".join(f"mendline_{role}" for role in changers)
    if update:
        columns = f" ({update_columns})" if update_columns else ""
        said += [
            f"create policy {name}_update on {table} for update to {roles} using ({update}) with check ({update})",
            f"grant update{columns} on {table} to {roles}",
        ]
    if delete:
        said += [
            f"create policy {name}_delete on {table} for delete to {roles} using ({delete})",
            f"grant delete on {table} to {roles}",
        ]
    return said


def for_resolving(table: str, *writing: str) -> list[str]:
    """Lets the functions of `reach` look up memberships and grants: they run as a role that cannot sign in.

    Args:
        table: its name.
        writing: commands besides SELECT that the functions need, such as `insert` for the sweep's jobs.
    """
    resolving = "current_user = 'mendline_reach'"
    conditions = {
        "select": f"using ({resolving})",
        "insert": f"with check ({resolving})",
        "update": f"using ({resolving}) with check ({resolving})",
    }
    said: list[str] = []
    for command in ("select", *writing):
        said += [
            f"create policy {table}_resolve_{command} on {table} for {command} to mendline_reach {conditions[command]}",
            f"grant {command} on {table} to mendline_reach",
        ]
    return said
