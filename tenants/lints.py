"""What must hold in the database itself, asked of PostgreSQL's own catalogue: in the tests and before a start.

Row-level security is written by one generator, but a table, view or grant can be made beside it. Each lint is one
query whose rows are faults; none may have any. Numbers refer to nothing: the sentence is the name.
"""

from sqlalchemy import Connection, text

_PRELUDE = """
with running(role) as (
    values ('mendline_web'), ('mendline_worker'), ('mendline_reader'), ('mendline_relay'), ('mendline_signin')
),
relation as (
    select c.oid, c.relname as name, c.relkind as kind, c.relispartition as is_part, c.reloptions as options,
           c.relrowsecurity as secured, c.relforcerowsecurity as forced, n.nspname as schema, c.relowner as owner,
           exists (select 1 from pg_attribute a
                   where a.attrelid = c.oid and a.attname = 'provider_id' and not a.attisdropped) as is_tenants
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
),
tenants as (select * from relation where kind in ('r', 'p') and is_tenants and schema <> 'reach'),
policy as (
    select p.oid, r.name || '.' || p.polname as name, p.polrelid, p.polcmd as command, p.polpermissive as permissive,
           p.polroles as roles, pg_get_expr(p.polqual, p.polrelid) as shown,
           pg_get_expr(p.polwithcheck, p.polrelid) as taken
    from pg_policy p join relation r on r.oid = p.polrelid
),
routine as (
    select p.oid, n.nspname || '.' || p.proname as name, p.prosecdef as is_definer, p.proconfig as settings,
           coalesce(p.proacl, acldefault('f', p.proowner)) as acl, p.proowner as owner
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
)
"""

# Tables that jobs keep up to date, and drafts that nobody has signed. Every other table is a fact: what was written
# stays as it was written.
_KEPT_UP_TO_DATE = (
    "'indicator_status', 'roll_up', 'job', 'stale_mark', 'objective_status', 'work_item', 'work_pass', 'work_visit',"
    " 'review_draft', 'minutes_draft', 'record_mark', 'custody_file',"
    " 'notice', 'telling_setting', 'telling_pass', 'capture_draft', 'webhook_delivery',"
    " 'import_file', 'import_proposal'"
)

LINTS: dict[str, str] = {
    "row-level security is on and forced on every table of a tenant and on whatever is readable beside them": """
        select r.schema || '.' || r.name from relation r
        where r.kind in ('r', 'p') and not (r.secured and r.forced) and r.schema not in ('reach', 'signin')
          and (r.is_tenants or exists (select 1 from running where has_any_column_privilege(role, r.oid, 'select')))
    """,
    "every granted command has a policy for that role": """
        select r.name || ' ' || c.word || ' ' || running.role from relation r
        cross join (values ('select', 'r'), ('insert', 'a'), ('update', 'w'), ('delete', 'd')) as c(word, letter)
        cross join running
        where r.kind in ('r', 'p') and r.schema not in ('reach', 'signin')
          and case when c.word = 'delete' then has_table_privilege(running.role, r.oid, c.word)
              else has_any_column_privilege(running.role, r.oid, c.word) end
          and not exists (
            select 1 from policy p where p.polrelid = r.oid and p.command::text in (c.letter, '*')
              and (select oid from pg_roles where rolname = running.role) = any (p.roles))
    """,
    "provider_id comes first in every unique key of a tenant's table": """
        select i.indexrelid::regclass::text from pg_index i join tenants t on t.oid = i.indrelid
        left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where i.indisunique and a.attname is distinct from 'provider_id'
    """,
    "provider_id comes first in every foreign key between tables of tenants": """
        select k.conname::text from pg_constraint k
        join tenants t on t.oid = k.conrelid join relation parent on parent.oid = k.confrelid
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
        join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]
        where k.contype = 'f' and parent.is_tenants and (a.attname <> 'provider_id' or b.attname <> 'provider_id')
    """,
    "no foreign key changes or removes rows by itself": """
        select k.conname::text from pg_constraint k join tenants t on t.oid = k.conrelid
        where k.contype = 'f' and (k.confdeltype not in ('a', 'r') or k.confupdtype not in ('a', 'r'))
    """,
    "no role that runs may truncate, refer, trigger, make temporary tables or create anything": """
        select running.role || ' ' || p.word || ' ' || r.name from relation r cross join running
        cross join (values ('truncate'), ('references'), ('trigger')) as p(word)
        where r.kind in ('r', 'p', 'v', 'm', 'f') and has_table_privilege(running.role, r.oid, p.word)
        union all
        select running.role || ' ' || p.word || ' database' from running
        cross join (values ('create'), ('temporary')) as p(word)
        where has_database_privilege(running.role, current_database(), p.word)
        union all
        select running.role || ' create schema ' || n.nspname from running cross join pg_namespace n
        where has_schema_privilege(running.role, n.oid, 'create')
    """,
    "nobody who runs may change or remove a fact": f"""
        select running.role || ' ' || p.word || ' ' || r.name from relation r cross join running
        cross join (values ('update'), ('delete')) as p(word)
        where r.kind in ('r', 'p') and r.schema not in ('reach', 'signin') and r.name not in ({_KEPT_UP_TO_DATE})
          and case when p.word = 'delete' then has_table_privilege(running.role, r.oid, p.word)
              else has_any_column_privilege(running.role, r.oid, p.word) end
    """,  # noqa: S608 -- the names stand above
    "every view asks with the rights of whoever reads it": """
        select r.name from relation r where r.kind = 'v'
          and not coalesce(r.options && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false)
    """,
    "no materialised view, foreign table or single partition is readable": """
        select r.name from relation r where (r.kind in ('m', 'f') or r.is_part)
          and exists (select 1 from running where has_any_column_privilege(role, r.oid, 'select'))
    """,
    "every function that runs as its owner resolves names in the system catalogue alone": """
        select r.name from routine r where r.is_definer
          and not coalesce('search_path=pg_catalog, pg_temp' = any (r.settings), false)
    """,
    "no function may be called by everybody": """
        select r.name from routine r, aclexplode(r.acl) a where a.grantee = 0 and a.privilege_type = 'EXECUTE'
    """,
    "no table, view or sequence is granted to everybody": """
        select c.oid::regclass::text from pg_class c join relation r on r.oid = c.oid, aclexplode(c.relacl) a
        where a.grantee = 0
    """,
    "every policy asks what the ticket reaches, or is for the resolving role alone": """
        select p.name from policy p cross join lateral (values (p.shown), (p.taken)) as e(words)
        where e.words is not null
          and e.words !~ 'reach\\.(providers|providers_working|providers_readable|providers_writable)\\(.*\\)'
          and not (e.words = '(CURRENT_USER = ''mendline_reach''::name)'
                   and p.roles = array[(select oid from pg_roles where rolname = 'mendline_reach')])
    """,
    "every policy is permissive": "select p.name from policy p where not p.permissive",
    "no policy looks into another table": """
        select p.name from policy p join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
         and d.refclassid = 'pg_class'::regclass and d.refobjid <> p.polrelid
    """,
    "no role that runs owns anything, stands above the policies or can become another": """
        select rolname::text from pg_roles join running on role = rolname
        where rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolinherit
        union all
        select m.member::regrole::text from pg_auth_members m where m.member::regrole::text in (select role from running)
        union all
        select s.refobjid::regrole::text from pg_shdepend s
        where s.refclassid = 'pg_authid'::regclass and s.deptype = 'o'
          and s.refobjid::regrole::text in (select role from running)
    """,
    "roles that own or resolve cannot sign in, and none but the owner stands above the policies": """
        select rolname::text from pg_roles
        where rolname in ('mendline_owner', 'mendline_reach', 'mendline_operator', 'mendline_backup')
          and (rolcanlogin or rolsuper or (rolbypassrls and rolname <> 'mendline_owner'))
    """,
    "no sequence counts what several tenants do": """
        select r.name from relation r where r.kind = 'S'
    """,
    "no trigger or rule works behind a table": """
        select t.tgname::text from pg_trigger t join relation r on r.oid = t.tgrelid where not t.tgisinternal
        union all
        select w.rulename::text from pg_rewrite w join relation r on r.oid = w.ev_class where r.kind in ('r', 'p')
    """,
    "tickets and the matrix are read by nobody who runs, sign-in tables by the sign-in role alone": """
        select running.role || ' ' || r.schema || '.' || r.name from relation r cross join running
        where r.kind in ('r', 'p', 'v') and has_any_column_privilege(running.role, r.oid, 'select, insert, update')
          and (r.schema = 'reach' or (r.schema = 'signin' and running.role <> 'mendline_signin')
               or (r.schema not in ('reach', 'signin') and running.role in ('mendline_relay', 'mendline_signin')))
    """,
}


def faults(connection: Connection) -> dict[str, list[str]]:
    """What each broken lint found, by its sentence; empty where all is well."""
    found = {sentence: list(connection.execute(text(_PRELUDE + query)).scalars()) for sentence, query in LINTS.items()}
    return {sentence: places for sentence, places in found.items() if places}
