-- Which cases of another system's history stand in the book already. A row is written with the facts it speaks of, so
-- that an import that was cut off goes on exactly where it stopped, and one that is repeated changes nothing.
create table wuye.imports (
  office      text not null,
  mapping     text not null,
  source_case text not null,
  digest      bytea not null,               -- of what the source said of the case
  facts       integer not null,
  refused     jsonb,                        -- what the book would not take of it, to be told again
  imported_at timestamptz not null default clock_timestamp(),
  constraint imports_pkey primary key (office, mapping, source_case)
);
grant select, insert on wuye.imports to wuye_app;
