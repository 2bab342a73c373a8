"""The registers' tables and the SQL that writes them, derived from the row types."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

import psycopg

from journal.append import MANY_FROM
from projections.engine.collection import Registers
from projections.engine.late_entries import ENTRIES_SQL
from projections.engine.register import Register

__all__ = ["install", "shape", "table_sql"]

REGISTERS_SQL: Final = "create table if not exists wuye.registers (name text primary key, shape text not null)"
_BESIDE: Final = "*"
"""Instead of a register's name: what stands beside the tables, their indexes and the functions that write them."""
_AS_BEFORE: Final = "text, bigint, timestamptz, integer[], integer[], integer[], text[], text[], text[], text[]"
"""What the function for many rows was given once, when it looked for its own among those of all registers."""
REVOKE_SQL: Final = "revoke execute on all functions in schema wuye from public"


def shape(register: Register) -> str:
    """What the table must look like; when it changes, the register is rebuilt."""
    body = table_sql(register, register.table)
    return hashlib.sha256(body.encode()).hexdigest()


def table_sql(register: Register, table: str) -> str:
    """The statement that makes the register's table under this name, without indexes."""
    own = "".join(f",\n  {column.name} {column.sql}" for column in register.stored)
    return (
        f"create table wuye.{table} (\n  office text not null,\n  case_id text not null,\n  line text not null,\n"
        "  from_number bigint not null,\n  to_number bigint,\n  recorded_from timestamptz not null,\n"
        f"  recorded_to timestamptz{own}\n)"
    )


def index_sql(register: Register, table: str) -> list[str]:
    """The statements that make the table's indexes."""
    made = [
        f"create unique index if not exists {table}_open on wuye.{table} (office, case_id, line) where to_number is null",
        f"create index if not exists {table}_versions on wuye.{table} (office, case_id, line, from_number)",
    ]
    if register.name == "deadlines":
        made.append(
            f"create index if not exists {table}_falls_due on wuye.{table} (due_at, office)"
            " where to_number is null and missed_at is null"
        )
        made.append(  # what people owe, the most urgent first
            f"create index if not exists {table}_owed on wuye.{table} (office, due_at, case_id, line) where to_number is null and role <> 'clock'"
        )
    if register.newest_first:
        made.append(
            f"create index if not exists {table}_newest on wuye.{table} (office, opened_at desc, case_id, line) where to_number is null"
        )
    made += [
        f"create index if not exists {table}_{column} on wuye.{table} (office, {column}) where to_number is null"
        for column in register.indexed
    ]
    return made


def install(connection: psycopg.Connection[Any], registers: Registers) -> list[str]:
    """Make missing tables and the writing function; returns the registers whose stored shape is not today's.

    A register that is new to a book with facts in it is one of them: its table is empty until it is rebuilt.
    """
    connection.execute(REGISTERS_SQL)
    stored = dict(connection.execute("select name, shape from wuye.registers").fetchall())
    stale, changed = [], set[str]()
    for register in registers.all:
        if register.name not in stored:
            with connection.transaction():
                make_table(connection, register, register.table)
                begun = _written(connection)
                connection.execute(
                    "insert into wuye.registers values (%s, %s)", [register.name, "" if begun else shape(register)]
                )
            if begun:
                stale.append(register.name)
        elif stored[register.name] != shape(register):
            stale.append(register.name)
            changed.add(register.name)
    _install_beside(connection, registers.all, changed, stored.get(_BESIDE))
    return stale


def _install_beside(
    connection: psycopg.Connection[Any], registers: Sequence[Register], changed: AbstractSet[str], stored: str | None
) -> None:
    """Indexes and functions as this version has them, unless it is this version that made them.

    Every start would otherwise write some five hundred rows of the catalogue anew, which every other process has to read.
    A register whose shape has ``changed`` keeps its own: an older process goes on writing it until it is rebuilt.
    """
    indexes = [
        statement
        for register in registers
        if register.name not in changed
        for statement in (
            f"drop index if exists wuye.{register.table}_history",  # as it was once, without the line
            f"drop index if exists wuye.{register.table}_due",  # and without the office
            *index_sql(register, register.table),
        )
    ]
    told = "\n".join((*indexes, *_functions_beside(registers, changed)))
    digest = hashlib.sha256(told.encode()).hexdigest()
    if digest == stored:
        return
    with connection.transaction():
        for statement in indexes:
            _run(connection, statement)
        install_functions(connection, registers, changed)
        connection.execute(
            "insert into wuye.registers values (%s, %s) on conflict (name) do update set shape = excluded.shape",
            [_BESIDE, digest],
        )


def _written(connection: psycopg.Connection[Any]) -> bool:
    """Whether any book has a fact."""
    row = connection.execute("select exists (select from wuye.facts)").fetchone()
    return row is not None and bool(row[0])


def install_functions(
    connection: psycopg.Connection[Any], registers: Iterable[Register], changed: AbstractSet[str] = frozenset()
) -> None:
    """Make the functions by which ``wuye.record`` writes rows, but for registers that have ``changed``; only it may call them."""
    for statement in _functions_beside(registers, changed):
        _run(connection, statement)


def _functions_beside(registers: Iterable[Register], changed: AbstractSet[str]) -> list[str]:
    return [*function_sql(registers, changed), ENTRIES_SQL, "grant select on wuye.entries to wuye_app", REVOKE_SQL]


def make_table(connection: psycopg.Connection[Any], register: Register, table: str, *, indexes: bool = True) -> None:
    """Make one register's table; the application reads it, and writes it by its function alone."""
    for statement in (table_sql(register, table), *right_sql(register, table)):
        _run(connection, statement)
    if indexes:
        for statement in index_sql(register, table):
            _run(connection, statement)


def right_sql(register: Register, table: str) -> list[str]:
    """The statements that say who may do what with the table."""
    made = [f"grant select on wuye.{table} to wuye_app", f"select wuye.fence('wuye.{table}')"]
    if register.name == "deadlines":  # the clock locks what it takes on, for which one must be allowed to change it
        made.append(f"grant update (line) on wuye.{table} to wuye_app")
        made.append(
            f"create policy none_is_changed on wuye.{table} as restrictive for update using (true) with check (false)"
        )
    return made


def function_sql(registers: Iterable[Register], changed: AbstractSet[str] = frozenset()) -> list[str]:
    """The functions that write rows: one per register with static statements, and the one that calls them.

    Those of registers that have ``changed`` are called as they are.
    """
    every = sorted(registers, key=lambda register: register.name.encode())
    made = [register for register in every if register.name not in changed]
    comments = [
        f"comment on function wuye.{prefix}{r.table} is 'functions: wuye.put_registers'"
        for r in made
        for prefix in ("put_", "put_many_")
    ]
    before = [f"drop function if exists wuye.put_many_{r.table}({_AS_BEFORE})" for r in made]
    return [*before, *map(_put, made), *map(_put_many, made), _dispatch(every), *comments]


def _dispatch(every: Sequence[Register]) -> str:
    """The one that calls them. Assignments, since each PERFORM would be a query of its own."""
    return f"""create or replace function wuye.put_registers(
  p_office text, p_first bigint, p_recorded timestamptz, p_places integer[], p_texts text[]
) returns boolean language plpgsql as $$
declare
  v_name text collate "C";
  v_from bigint;
  v_to   bigint;
  v_done boolean;
  v_count integer := cardinality(p_places) / 3;
  v_begin integer;
  v_end   integer;
  v_rows  integer;
begin
  if v_count >= {MANY_FROM} then
    -- A register's rows stand together: it gets its own, and does not look through those of the others.
    for v_name, v_begin, v_end, v_rows in
      select u.name, min(u.n), max(u.n), count(*) from unnest(p_texts[1:v_count]) with ordinality u(name, n) group by 1
    loop
      if v_end - v_begin + 1 <> v_rows then
        raise exception 'the rows of % do not stand together', v_name using errcode = 'WY002';
      end if;
{_branch(every, 6, _many_call)}
    end loop;
    return true;
  end if;
  for n in 0 .. cardinality(p_places) / 3 - 1 loop
    v_name := p_texts[4 * n + 1];
    v_from := p_first + p_places[3 * n + 1];
    v_to := p_first + nullif(p_places[3 * n + 2], -1);
{_branch(every, 4, _one_call)}
  end loop;
  return true;
end $$"""


def _one_call(table: str) -> str:
    return (
        f"wuye.put_{table}(p_office, v_from, v_to, p_recorded, p_places[3 * n + 3] = 1,"
        " p_texts[4 * n + 2], p_texts[4 * n + 3], p_texts[4 * n + 4])"
    )


def _many_call(table: str) -> str:
    places = [f"p_places[{n} * v_count + v_begin:{n} * v_count + v_end]" for n in range(3)]
    texts = [f"p_texts[{n} * v_count + v_begin:{n} * v_count + v_end]" for n in range(1, 4)]
    return f"wuye.put_many_{table}(p_office, p_first, p_recorded, {', '.join((*places, *texts))})"


def _branch(every: Sequence[Register], indent: int, call: Callable[[str], str]) -> str:
    """The registers as a tree of comparisons: five or six for forty of them."""
    blank = " " * indent
    match every:
        case []:
            return f"{blank}raise exception 'no register %', v_name using errcode = 'WY002';"
        case [one]:
            return (
                f"{blank}if v_name <> '{one.name}' then\n"
                f"{blank}  raise exception 'no register %', v_name using errcode = 'WY002';\n"
                f"{blank}end if;\n"
                f"{blank}v_done := {call(one.table)};"
            )
        case _:
            middle = len(every) // 2
            return (
                f"{blank}if v_name < '{every[middle].name}' then\n{_branch(every[:middle], indent + 2, call)}\n"
                f"{blank}else\n{_branch(every[middle:], indent + 2, call)}\n{blank}end if;"
            )


def _newest(table: str, case_id: str, line: str) -> str:
    """The query for where a line's newest version is. It has one index to go by, whatever the server knows of the table.

    Of a table that is new it knows nothing and finds all indexes equally good: asked for the open row in so many words, it may
    read all rows of the office for each that is closed.
    """
    return (
        f"select n.ctid from wuye.{table} n where n.office = p_office and n.case_id = {case_id} and n.line = {line}"
        " order by n.from_number desc limit 1"
    )


def _put(register: Register) -> str:
    table = register.table
    return f"""create or replace function wuye.put_{table}(
  p_office text, p_from bigint, p_to bigint, p_recorded timestamptz, p_fresh boolean,
  p_case_id text, p_line text, p_row text
) returns boolean language plpgsql as $$
declare
  v wuye.{table};
begin
  if not p_fresh then
    update wuye.{table} t set to_number = p_from, recorded_to = p_recorded
     where t.to_number is null and t.ctid = ({_newest(table, "p_case_id", "p_line")});
  end if;
  if p_row is not null then
    v := p_row;
    v.office := p_office; -- what the row itself says of these is nobody's word: it could name another office
    v.case_id := p_case_id;
    v.line := p_line;
    v.from_number := p_from;
    v.recorded_from := p_recorded;
    if p_to is not null then
      v.to_number := p_to;
      v.recorded_to := p_recorded;
    end if;
    insert into wuye.{table} values (v.*);
  end if;
  return true;
end $$"""


def _put_many(register: Register) -> str:
    """The same for all rows of one register in a long append, with one INSERT. What they close is found row by row: a join
    would be planned by what the server knows of a table that has just been filled, which is nothing.
    """
    table, own = register.table, [column.name for column in register.stored]
    return f"""create or replace function wuye.put_many_{table}(
  p_office text, p_first bigint, p_recorded timestamptz, p_from integer[], p_till integer[], p_fresh integer[],
  p_cases text[], p_lines text[], p_rows text[]
) returns boolean language plpgsql as $$
declare
  closing record;
begin
  for closing in
    select u.place, u.case_id, u.line from unnest(p_from, p_fresh, p_cases, p_lines) u(place, fresh, case_id, line)
     where u.fresh = 0
  loop
    update wuye.{table} t set to_number = p_first + closing.place, recorded_to = p_recorded
     where t.to_number is null and t.ctid = ({_newest(table, "closing.case_id", "closing.line")});
  end loop;
  with v as materialized (
    select p_first + u.place as from_number, p_first + nullif(u.till, -1) as to_number, u.case_id, u.line,
           u.row::wuye.{table} as r
      from unnest(p_from, p_till, p_cases, p_lines, p_rows) u(place, till, case_id, line, row) where u.row is not null)
  insert into wuye.{table} (office, case_id, line, from_number, to_number, recorded_from, recorded_to, {", ".join(own)})
  select p_office, v.case_id, v.line, v.from_number, v.to_number, p_recorded,
         case when v.to_number is not null then p_recorded end, {", ".join(f"(v.r).{name}" for name in own)}
    from v;
  return true;
end $$"""


def _run(connection: psycopg.Connection[Any], statement: str) -> None:
    """Statements are built from our own row types, never from input."""
    connection.execute(statement)
