"""The registers' tables and the SQL that writes them, derived from the row types."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import psycopg

from projections.collection import Registers
from projections.register import Register

__all__ = ["install", "shape", "table_sql"]


def shape(register: Register) -> str:
    """What the table must look like; when it changes, the register is rebuilt."""
    body = table_sql(register, register.table)
    return hashlib.sha256(body.encode()).hexdigest()


def table_sql(register: Register, table: str) -> str:
    """The statement that makes the register's table under this name, without indexes."""
    own = "".join(f",\n  {column.name} {column.sql}" for column in register.columns)
    return (
        f"create table wuye.{table} (\n  office text not null,\n  case_id text not null,\n  line text not null,\n"
        "  from_number bigint not null,\n  to_number bigint,\n  recorded_from timestamptz not null,\n"
        f"  recorded_to timestamptz{own}\n)"
    )


def index_sql(register: Register, table: str) -> list[str]:
    """The statements that make the table's indexes."""
    made = [
        f"create unique index {table}_open on wuye.{table} (office, case_id, line) where to_number is null",
        f"create index {table}_history on wuye.{table} (office, case_id, from_number)",
    ]
    if register.name == "deadlines":
        made.append(f"create index {table}_due on wuye.{table} (due_at) where to_number is null and missed_at is null")
    made += [
        f"create index {table}_{column} on wuye.{table} (office, {column}) where to_number is null"
        for column in register.indexed
    ]
    return made


def install(connection: psycopg.Connection[Any], registers: Registers) -> list[str]:
    """Make missing tables and the writing function; returns the registers whose stored shape is not today's."""
    connection.execute("create table if not exists wuye.registers (name text primary key, shape text not null)")
    stored = dict(connection.execute("select name, shape from wuye.registers").fetchall())
    stale = []
    for register in registers.all:
        if register.name not in stored:
            with connection.transaction():
                make_table(connection, register, register.table)
                connection.execute("insert into wuye.registers values (%s, %s)", [register.name, shape(register)])
        elif stored[register.name] != shape(register):
            stale.append(register.name)
    install_functions(connection, [r for r in registers.all if r.name not in stale])
    return stale


def install_functions(connection: psycopg.Connection[Any], registers: Iterable[Register]) -> None:
    """Make the functions by which ``wuye.record`` writes rows; only it may call them."""
    for statement in function_sql(registers):
        _run(connection, statement)
    _run(connection, "revoke execute on all functions in schema wuye from public")


def make_table(connection: psycopg.Connection[Any], register: Register, table: str, *, indexes: bool = True) -> None:
    """Make one register's table and let the application read and write it: it holds nothing that cannot be replayed."""
    _run(connection, table_sql(register, table))
    if indexes:
        for statement in index_sql(register, table):
            _run(connection, statement)
    _run(connection, f"grant select, insert, update, delete, truncate on wuye.{table} to wuye_app")


def function_sql(registers: Iterable[Register]) -> list[str]:
    """The functions that write rows: one per register with static statements, and the one that calls them."""
    every = list(registers)
    branches = "\n".join(
        f"      when '{r.name}' then perform wuye.put_{r.table}("
        "p_office, p_first, p_recorded, (v->>1)::bigint, (v->>2)::bigint, (v->>3)::boolean, v->>4, v->>5, v->>6);"
        for r in every
    )
    dispatch = f"""create or replace function wuye.put_registers(
  p_office text, p_first bigint, p_recorded timestamptz, p_rows jsonb
) returns void language plpgsql set search_path = wuye, pg_temp as $$
declare
  v jsonb;
begin
  for v in select jsonb_array_elements(p_rows) loop
    case v->>0
{branches}
    end case;
  end loop;
end $$"""
    return [*(_put(r) for r in every), dispatch]


def _put(register: Register) -> str:
    table = register.table
    return f"""create or replace function wuye.put_{table}(
  p_office text, p_first bigint, p_recorded timestamptz,
  p_i bigint, p_till bigint, p_fresh boolean, p_case_id text, p_line text, p_row text
) returns void language plpgsql set search_path = wuye, pg_temp as $$
declare
  v wuye.{table};
begin
  if not p_fresh then
    update wuye.{table} t set to_number = p_first + p_i, recorded_to = p_recorded
     where t.office = p_office and t.case_id = p_case_id and t.line = p_line and t.to_number is null;
  end if;
  if p_row is not null then
    v := p_row;
    v.from_number := p_first + p_i;
    v.recorded_from := p_recorded;
    if p_till is not null then
      v.to_number := p_first + p_till;
      v.recorded_to := p_recorded;
    end if;
    insert into wuye.{table} values (v.*);
  end if;
end $$"""


def _run(connection: psycopg.Connection[Any], statement: str) -> None:
    """Statements are built from our own row types, never from input."""
    connection.execute(statement)
