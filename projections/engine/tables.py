"""The registers' tables and the SQL that writes them, derived from the row types."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

import psycopg

from domain.cases import CASES
from projections.engine.collection import Registers
from projections.engine.late_entries import ENTRIES_SQL
from projections.engine.register import Register

__all__ = ["install", "shape", "table_sql"]

REGISTERS_SQL: Final = "create table if not exists wuye.registers (name text primary key, shape text not null)"
_BESIDE: Final = "*"
"""Instead of a register's name: what stands beside the tables, their indexes and the functions that write them."""
_AS_BEFORE: Final = (
    "text, bigint, timestamptz, integer[], integer[], integer[], text[], text[], text[], text[]",
    "text, bigint, timestamptz, integer[], integer[], integer[], text[], text[], text[]",
)
"""What the function for many rows was given once: the rows of all registers to look through; and rows as composite values."""
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
            f"create index if not exists {table}_next on wuye.{table} (office, due_at, case_id, line)"
            " where to_number is null and missed_at is null"
        )
        made.append(  # what people owe, the most urgent first
            f"create index if not exists {table}_owed on wuye.{table} (office, due_at, case_id, line) where to_number is null and role <> 'clock'"
        )
    if any(each.breaches for each in CASES if each.of in register.kinds):
        made.append(  # figures look up what the clock has found missed, whatever became of it
            f"create index if not exists {table}_breached on wuye.{table} (office, case_id, line, from_number)"
            " where standing is not null"
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
            f"drop index if exists wuye.{register.table}_falls_due",  # and with the office behind the instant
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
    before = [f"drop function if exists wuye.put_many_{r.table}({given})" for r in made for given in _AS_BEFORE]
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
  v_rows    integer;
  v_columns integer;
  v_place   integer := 2;
  v_text    integer := 1;
begin
  if p_places[1] = -1 then
    -- Many: of each register the numbers of rows and columns, then its rows, column by column.
    while v_place <= cardinality(p_places) loop
      v_rows := p_places[v_place];
      v_columns := p_places[v_place + 1];
      v_name := p_texts[v_text];
{_branch(every, 6, _many_call)}
      v_place := v_place + 2 + 3 * v_rows;
      v_text := v_text + 1 + v_columns * v_rows;
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
    return f"wuye.put_many_{table}(p_office, p_first, p_recorded, v_rows, v_columns, v_place + 1, v_text, p_places, p_texts)"


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
    """The query for where a line's newest version is, if that is still open. It has one index to go by, whatever the server
    knows of the table.

    Of a table that is new it knows nothing and finds all indexes equally good: asked for the open row in so many words, it may
    read all rows of the office for each that is closed; and told in the UPDATE that only open ones are meant, all open rows there are.
    """
    return (
        f"select case when n.to_number is null then n.ctid end from wuye.{table} n where n.office = p_office and n.case_id = {case_id} and n.line = {line}"
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
     where t.ctid = ({_newest(table, "p_case_id", "p_line")});
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
    """The same for all rows of one register in a long append, with one INSERT. What they close is found line by line: a join
    would be planned by what the server knows of a table that has just been filled, which is nothing; so would a look through
    the whole of it, which is ruled out.

    Row n of column c is the text at ``p_text + (c - 1) * p_rows + n``: the function has the arrays unpacked, and each text is found
    at once, where a composite value would be parsed and taken apart. A plan for these very arrays would have them packed.
    """
    table, own = register.table, register.stored
    values = [
        f"p_texts[u.n + {place} * p_rows]{'' if column.sql == 'text' else f'::{column.sql}'}"
        for place, column in enumerate(own, 2)
    ]
    return f"""create or replace function wuye.put_many_{table}(
  p_office text, p_first bigint, p_recorded timestamptz, p_rows integer, p_columns integer, p_place integer, p_text integer,
  p_places integer[], p_texts text[]
) returns boolean language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  v_apart integer := p_place - p_text;
  v_last  integer := p_place + p_rows;
  v_from  integer := p_place + 1;
  v_to    integer;
begin
  if p_columns not in (2, {2 + len(own)}) then -- 2: all of them are gone
    raise exception '{register.name}: % columns instead of {2 + len(own)}', p_columns using errcode = 'WY002';
  end if;
  -- What one fact closes, with one UPDATE: its rows stand side by side.
  while v_from <= v_last loop
    v_to := v_from;
    while v_to < v_last and p_places[v_to + 1] = p_places[v_from] loop
      v_to := v_to + 1;
    end loop;
    if 0 = any (p_places[v_from + 2 * p_rows:v_to + 2 * p_rows]) or 2 = any (p_places[v_from + 2 * p_rows:v_to + 2 * p_rows]) then
      update wuye.{table} t set to_number = p_first + p_places[v_from], recorded_to = p_recorded
       where t.ctid = any (array(
         select ({_newest(table, "p_texts[u.n - v_apart]", "p_texts[u.n - v_apart + p_rows]")})
           from generate_series(v_from, v_to) u(n) where p_places[u.n + 2 * p_rows] in (0, 2)));
    end if;
    v_from := v_to + 1;
  end loop;
  if p_columns = 2 then
    return true;
  end if;
  insert into wuye.{table} (office, case_id, line, from_number, to_number, recorded_from, recorded_to, {", ".join(column.name for column in own)})
  select p_office, p_texts[u.n], p_texts[u.n + p_rows], p_first + p_places[u.n + v_apart],
         p_first + nullif(p_places[u.n + v_apart + p_rows], -1), p_recorded,
         case when p_places[u.n + v_apart + p_rows] >= 0 then p_recorded end,
         {", ".join(values)}
    from generate_series(p_text + 1, p_text + p_rows) u(n) where p_places[u.n + v_apart + 2 * p_rows] < 2;
  return true;
end $$"""


def _run(connection: psycopg.Connection[Any], statement: str) -> None:
    """Statements are built from our own row types, never from input."""
    connection.execute(statement)
