"""The catalogue 结构: whether functions, triggers, policies, rights and roles of the database are what the migrations make.

The migrations and the registers' statements are applied beside, in a schema of their own, in a transaction that is undone;
then both are read from the server's catalogue and compared. So nothing has to be listed here, whatever is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from typing import Any, Final

import psycopg

from journal.hash_chain import Finding
from journal.migrate import MIGRATIONS_SQL
from projections.engine.collection import Registers
from projections.engine.late_entries import ENTRIES_SQL
from projections.engine.tables import REGISTERS_SQL, REVOKE_SQL, function_sql, index_sql, right_sql, table_sql

__all__ = ["catalogue_findings"]

_BESIDE: Final = "wuye_beside"
_ROLE: Final = {
    "rolsuper": False,
    "rolcreatedb": False,
    "rolcreaterole": False,
    "rolbypassrls": False,
    "rolreplication": False,
    "rolcanlogin": True,
    "rolinherit": True,
    "rolconnlimit": -1,
    "coalesce(rolvaliduntil < 'infinity', false)": False,
}
_KINDS: Final = {
    "function": ("函数", "function"),
    "trigger": ("触发器", "trigger"),
    "policy": ("行级策略", "policy"),
    "table": ("表", "table"),
    "rights": ("权限", "rights on"),
    "constraint": ("约束", "constraint"),
    "index": ("索引", "index"),
    "view": ("视图", "view"),
    "rule": ("规则", "rule"),
    "schema": ("模式的权限", "rights on the schema"),
    "object": ("对象", "object"),
}
_CATALOGUE: Final = """
select 'function', p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
       concat_ws(' | ', p.prosrc, p.prosecdef, p.proisstrict, p.proleakproof, p.proparallel, p.prokind, p.probin, p.provolatile, p.proconfig::text, l.lanname, pg_get_function_result(p.oid),
                 obj_description(p.oid, 'pg_proc'), p.proowner = n.nspowner,
                 (select string_agg(a.grantee::regrole::text || a.privilege_type || a.is_grantable, ',' order by a.grantee)
                    from aclexplode(p.proacl) a where a.grantee <> p.proowner))
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang where n.nspname = %(s)s
union all
select 'trigger', c.relname || '.' || t.tgname, pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %(s)s and not t.tgisinternal
union all
select 'policy', c.relname || '.' || p.polname,
       concat_ws(' | ', p.polcmd, p.polpermissive, p.polroles::text, pg_get_expr(p.polqual, p.polrelid),
                 pg_get_expr(p.polwithcheck, p.polrelid))
  from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = %(s)s
union all
select 'table', c.relname,
       concat_ws(' | ', c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence, c.relowner = n.nspowner,
                 case when c.relkind = 'v' then c.reloptions::text end,
                 (select count(*) || ' inherit from it' from pg_inherits i where i.inhparent = c.oid),
                 (select string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
                                              nullif(a.attcollation, 100), pg_get_expr(d.adbin, d.adrelid)), ', ' order by a.attnum)
                    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
                   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %(s)s and c.relkind in ('r', 'v', 'm', 'p', 'f', 'S')
union all
select 'rights', c.relname,
       concat_ws(' | ',
         (select string_agg(a.grantee::regrole::text || a.privilege_type || a.is_grantable, ','
                            order by a.grantee, a.privilege_type) from aclexplode(c.relacl) a where a.grantee <> c.relowner),
         (select string_agg(t.attname || t.attacl::text, ',' order by t.attname) from pg_attribute t
           where t.attrelid = c.oid and t.attacl is not null))
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %(s)s and c.relkind in ('r', 'v', 'm', 'p', 'f', 'S')
union all
select 'constraint', c.relname || '.' || k.conname, concat_ws(' | ', pg_get_constraintdef(k.oid), k.convalidated,
       (select string_agg(t.tgenabled::text, '' order by t.tgrelid = k.conrelid, t.tgtype) from pg_trigger t where t.tgconstraint = k.oid))
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %(s)s and k.contype in ('p', 'u', 'f', 'c', 'x')
union all
select 'index', c.relname, pg_get_indexdef(c.oid) || i.indisvalid
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = %(s)s
union all
select 'schema', '',
       (select string_agg(a.grantee::regrole::text || a.privilege_type || a.is_grantable, ',' order by a.grantee, a.privilege_type)
          from aclexplode(n.nspacl) a where a.grantee <> n.nspowner)
  from pg_namespace n where n.nspname = %(s)s
union all
select 'object', 'operator ' || o.oid::regoperator, '' from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where n.nspname = %(s)s
union all
select 'object', 'type ' || t.typname, t.typtype::text from pg_type t join pg_namespace n on n.oid = t.typnamespace
 where n.nspname = %(s)s and t.typrelid = 0 and t.typelem = 0
union all
select 'object', 'collation ' || k.collname, '' from pg_collation k join pg_namespace n on n.oid = k.collnamespace where n.nspname = %(s)s
union all
select 'view', c.relname, pg_get_viewdef(c.oid)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = %(s)s and c.relkind = 'v'
union all
select 'rule', c.relname || '.' || r.rulename, pg_get_ruledef(r.oid)
  from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %(s)s and r.rulename <> '_RETURN'
"""
_LENT_OUTSIDE: Final = """
select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where p.prosecdef and p.oid >= 16384 and n.nspname <> 'wuye' and has_function_privilege('wuye_app', p.oid, 'execute')
   and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
"""
"""Functions of somebody's rights beside the schema that are no extension's; 16384 is the first id that is not the system's own."""


def catalogue_findings(owner: psycopg.Connection[Any], registers: Registers) -> list[Finding]:
    """What of the database is not as the migrations make it; nothing is changed. Of the owner's connection, in autocommit."""
    findings = [*_roles(owner), *_beside_the_schema(owner)]
    found = _read(owner, "wuye")
    with owner.transaction(force_rollback=True):
        for statement in _statements(registers):
            owner.execute(re.sub(r"\bwuye\b", _BESIDE, statement).encode())
        made = _read(owner, _BESIDE)
    for at in sorted(found.keys() | made.keys()):
        if found.get(at) != made.get(at):
            kind, name = at
            zh, en = _KINDS[kind]
            how = ("多出", "is there and belongs to nothing") if at not in made else ("缺失", "is missing")
            if at in made and at in found:
                how = ("被改动", "was altered")
            findings.append(Finding(0, kind, f"{zh} {name} {how[0]}", f"{en} {name} {how[1]}"))
    return findings


def _statements(registers: Registers) -> Iterator[str]:
    yield "create schema wuye"
    yield MIGRATIONS_SQL
    for file in sorted((f for f in resources.files("journal.schema").iterdir() if f.name.endswith(".sql")), key=_name):
        yield file.read_text("utf-8")
    yield REGISTERS_SQL
    for register in registers.all:
        table = register.table
        yield from (table_sql(register, table), *right_sql(register, table), *index_sql(register, table))
    yield from (*function_sql(registers.all), ENTRIES_SQL, "grant select on wuye.entries to wuye_app", REVOKE_SQL)


def _name(file: Any) -> str:
    return str(file.name)


def _read(owner: psycopg.Connection[Any], schema: str) -> dict[tuple[str, str], str]:
    rows = owner.execute(_CATALOGUE, {"s": schema})
    return {(kind, name): (said or "").replace(_BESIDE, "wuye") for kind, name, said in rows}


def _roles(owner: psycopg.Connection[Any]) -> Iterator[Finding]:
    """The application's role has no power of its own, and belongs to nobody's."""
    names = ", ".join(_ROLE)
    row = owner.execute(
        f"select (select count(*) from pg_auth_members where member = r.oid), {names} from pg_roles r where rolname = 'wuye_app'"
    ).fetchone()
    if row is None:
        yield Finding(0, "role", "角色 wuye_app 缺失", "role wuye_app is missing")
        return
    wrong = [name for name, held in zip(_ROLE, row[1:], strict=True) if held != _ROLE[name]]
    if row[0]:
        wrong.append("member of another role")
    if wrong:
        yield Finding(0, "role", f"角色 wuye_app 被改动：{wrong}", f"role wuye_app was altered: {wrong}")


def _beside_the_schema(owner: psycopg.Connection[Any]) -> Iterator[Finding]:
    """What works on the schema from outside: event triggers, settings of the role or database, default rights."""
    for name, enabled in owner.execute("select evtname, evtenabled from pg_event_trigger"):
        yield Finding(0, "event-trigger", f"事件触发器 {name}（{enabled}）", f"event trigger {name} ({enabled})")
    settings = owner.execute(
        "select unnest(setconfig) from pg_db_role_setting where setrole in (0, 'wuye_app'::regrole)"
        " and setdatabase in (0, (select oid from pg_database where datname = current_database()))"
    )
    for (setting,) in settings:
        if setting != "lock_timeout=10s" and setting.partition("=")[0] not in ("timezone", "TimeZone"):
            yield Finding(0, "server-setting", f"数据库设置 {setting}", f"a setting of the role or database: {setting}")
    for (function,) in owner.execute(_LENT_OUTSIDE):
        yield Finding(0, "function", f"函数 {function} 借出他人的权限", f"function {function} lends somebody's rights")
    for (cast,) in owner.execute(
        "select castsource::regtype || ' → ' || casttarget::regtype from pg_cast c where c.oid >= 16384 and castcontext <> 'e'"
        " and not exists (select from pg_depend d where d.classid = 'pg_cast'::regclass and d.objid = c.oid and d.deptype = 'e')"
    ):
        yield Finding(0, "cast", f"类型转换 {cast}", f"a cast that happens by itself: {cast}")
    for where, schema in owner.execute(
        "select 'database', current_database()::text where has_database_privilege('wuye_app', current_database(), 'create')"
        " union all select 'schema', nspname from pg_namespace"
        " where nspname <> 'wuye' and nspname !~ '^pg_' and has_schema_privilege('wuye_app', oid, 'create')"
    ):
        yield Finding(
            0, "rights", f"wuye_app 可在 {schema} 中建立对象", f"wuye_app may make things in the {where} {schema}"
        )
    for (count,) in owner.execute("select count(*) from pg_largeobject_metadata having count(*) > 0"):
        yield Finding(
            0,
            "large-object",
            f"数据库中有 {count} 个大对象，备份与销毁都不及于它们",
            f"there are {count} large objects in the database, which no backup and no erasure reaches",
        )
    for (kind,) in owner.execute("select defaclobjtype from pg_default_acl"):
        yield Finding(0, "default-rights", f"默认权限（{kind}）被改动", f"default rights ({kind}) were altered")
