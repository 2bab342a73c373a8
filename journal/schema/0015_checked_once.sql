-- What no program could read again is refused by the functions that write, no longer by constraints: a constraint's expression is read
-- and compiled anew in every INSERT and UPDATE (measured: a tenth of what an append costs the server), a function's once. Nobody but
-- these functions writes a fact or an office; the owner can drop a constraint as well as write beside it, and `wuye verify` finds both.
create function wuye.readable(p_instant timestamptz) returns boolean language sql immutable parallel safe as $$
  select p_instant between '0001-01-02 00:00:00+00'::timestamptz and '9999-12-30 00:00:00+00'::timestamptz
$$;
revoke execute on function wuye.readable from public;
comment on function wuye.readable is 'functions: wuye.record, wuye.record_several, wuye.open_book and wuye.move_clock';
alter table wuye.facts drop constraint facts_legible, drop constraint facts_instants;
alter table wuye.offices drop constraint offices_instants;

-- True, so that they are asked for in an expression: a PERFORM is a statement with an executor of its own (4 µs each).
drop function wuye.begin_append(text);
drop function wuye.keep_to_office(text);
create function wuye.keep_to_office(p_office text) returns boolean language plpgsql as $$
begin
  if p_office <> coalesce(nullif(current_setting('wuye.office', true), ''), p_office) then
    raise exception 'this transaction is of another office' using errcode = 'WY008';
  end if;
  return true;
end $$;
create function wuye.begin_append(p_office text) returns boolean language plpgsql as $$
begin
  if current_setting('synchronous_commit') in ('off', 'local') then -- what is acknowledged is kept, whatever the caller has chosen
    perform set_config('synchronous_commit', 'on', true);
  end if;
  return wuye.keep_to_office(p_office);
end $$;
revoke execute on function wuye.keep_to_office, wuye.begin_append from public;
comment on function wuye.keep_to_office is 'functions: wuye.make_key, wuye.open_book, wuye.move_clock and wuye.begin_append';
comment on function wuye.begin_append is 'functions: wuye.record and wuye.record_several';

create or replace function wuye.record(
  p_office text,
  p_case_id text, p_version integer, p_event_id uuid, p_name text, p_schema smallint,
  p_metadata bytea, p_state bytea, p_occurred timestamptz,
  p_settings integer,
  p_key text, p_fingerprint bytea, p_answer bytea,
  p_subject text, p_wrapped bytea,
  p_places integer[], p_texts text[], p_more jsonb
) returns bytea language plpgsql security definer set search_path = wuye, pg_temp as $$
declare
  v_clock    timestamptz := clock_timestamp();
  v_recorded timestamptz;
  v_last     bigint;
  v_chain    bytea;
  v_settings integer;
begin
  if (wuye.begin_append(p_office) and wuye.readable(p_occurred) and jsonb_typeof(convert_from(p_metadata, 'UTF8')::jsonb) = 'object'
      and convert_from(p_state, 'UTF8') is not null) is not true then
    raise exception 'a fact that nobody could read again' using errcode = 'WY010';
  end if;
  -- One statement takes the office's row, numbers, stamps and links. Time never runs backwards in a book: a
  -- simulated office's is that of its own clock, a real one's that of the server.
  update wuye.offices o
     set number = o.number + 1,
         recorded_at = greatest(o.recorded_at, coalesce(o.clock, v_clock)),
         chain = sha256(o.chain || wuye.leaf(
           p_office, o.number + 1, p_case_id, p_version, p_event_id, p_name, p_schema, p_metadata, p_state, p_occurred,
           greatest(o.recorded_at, coalesce(o.clock, v_clock))))
   where o.office = p_office
   returning o.number, o.recorded_at, o.chain, o.settings into v_last, v_recorded, v_chain, v_settings;
  if v_last is null then
    raise exception 'unknown office %', p_office using errcode = 'WY003';
  end if;
  insert into wuye.facts values (
    p_office, v_last, p_case_id, p_version, p_event_id, p_name, p_schema, p_metadata, p_state, null, v_chain,
    p_occurred, v_recorded);
  if p_settings <> v_settings then
    raise exception 'settings of % have changed', p_office using errcode = 'WY004';
  end if;
  if p_key is not null then
    insert into wuye.answers values (p_office, p_key, p_fingerprint, p_answer, v_last, v_recorded);
  end if;
  if p_wrapped is not null then
    insert into wuye.keys (office, subject, wrapped) values (p_office, p_subject, p_wrapped);
  elsif p_subject is not null then
    if not exists (
      select from wuye.keys k where k.office = p_office and k.subject = p_subject and k.wrapped is not null
    ) then
      raise exception 'a key has been destroyed' using errcode = 'WY006';
    end if;
  end if;
  if p_more is not null and not wuye.record_more(p_office, p_more)
     or p_places is not null and not wuye.put_registers(p_office, v_last, v_recorded, p_places, p_texts) then
    raise exception 'not written' using errcode = 'WY002';
  end if;
  if p_name = any (wuye.erasures()) then
    perform wuye.destroy_keys(p_office, p_state);
  end if;
  return int8send(v_last) || timestamptz_send(v_recorded);
end $$;

create or replace function wuye.record_several(
  p_office text, p_settings integer,
  p_key text, p_fingerprint bytea, p_answer bytea,
  p_places integer[], p_texts text[], p_more jsonb,
  p_case_ids text[], p_versions integer[], p_event_ids uuid[], p_names text[], p_schemas smallint[],
  p_metadata bytea[], p_states bytea[], p_occurred timestamptz[]
) returns bytea language plpgsql security definer set search_path = wuye, pg_temp as $$
declare
  head       wuye.offices%rowtype;
  v_clock    timestamptz := clock_timestamp();
  v_recorded timestamptz;
  v_count    integer := cardinality(p_case_ids);
  v_leaves   bytea[];
  v_chain    bytea;
begin
  if wuye.begin_append(p_office) and (v_count is null or (
    cardinality(p_versions), cardinality(p_event_ids), cardinality(p_names), cardinality(p_schemas), cardinality(p_metadata),
    cardinality(p_states), cardinality(p_occurred)
  ) is distinct from (v_count, v_count, v_count, v_count, v_count, v_count, v_count)) then
    raise exception 'not as many of each' using errcode = 'WY010'; -- one name more would erase without a fact
  end if;
  if exists (
    select from unnest(p_metadata, p_states, p_occurred) f(metadata, state, occurred)
     where (wuye.readable(f.occurred) and jsonb_typeof(convert_from(f.metadata, 'UTF8')::jsonb) = 'object'
            and convert_from(f.state, 'UTF8') is not null) is not true
  ) then
    raise exception 'a fact that nobody could read again' using errcode = 'WY010';
  end if;
  if v_count = 0 and (p_places is not null or p_more - array['guards', 'subjects'] <> '{}') then
    raise exception 'nothing is written without a fact' using errcode = 'WY010'; -- but that a request changed nothing
  end if;
  select * into head from wuye.offices o where o.office = p_office for no key update;
  if not found then
    raise exception 'unknown office %', p_office using errcode = 'WY003';
  end if;
  if p_settings <> head.settings then
    raise exception 'settings of % have changed', p_office using errcode = 'WY004';
  end if;
  v_recorded := greatest(head.recorded_at, coalesce(head.clock, v_clock));
  if v_count > 0 then
    select array_agg(
             wuye.leaf(p_office, head.number + r.n, r.case_id, r.version, r.event_id, r.name, r.schema,
                       r.metadata, r.state, r.occurred, v_recorded) order by r.n)
      into v_leaves
      from unnest(p_case_ids, p_versions, p_event_ids, p_names, p_schemas, p_metadata, p_states, p_occurred)
           with ordinality as r(case_id, version, event_id, name, schema, metadata, state, occurred, n);
    v_chain := sha256(head.chain || (select string_agg(l, '' order by n) from unnest(v_leaves) with ordinality as u(l, n)));
    insert into wuye.facts
      select p_office, head.number + r.n, r.case_id, r.version, r.event_id, r.name, r.schema, r.metadata, r.state,
             case when v_count > 1 then r.leaf end, case when r.n = v_count then v_chain end, r.occurred,
             v_recorded
      from unnest(p_case_ids, p_versions, p_event_ids, p_names, p_schemas, p_metadata, p_states, p_occurred, v_leaves)
           with ordinality as r(case_id, version, event_id, name, schema, metadata, state, occurred, leaf, n);
    update wuye.offices o
       set number = head.number + v_count, chain = v_chain, recorded_at = v_recorded
     where o.office = p_office;
  end if;
  if p_key is not null then
    insert into wuye.answers values (p_office, p_key, p_fingerprint, p_answer, head.number + v_count, v_recorded);
  end if;
  if p_more is not null and not wuye.record_more(p_office, p_more)
     or p_places is not null and not wuye.put_registers(p_office, head.number + 1, v_recorded, p_places, p_texts) then
    raise exception 'not written' using errcode = 'WY002';
  end if;
  if p_names && wuye.erasures() then
    perform wuye.destroy_keys(p_office, e.state) from unnest(p_names, p_states) e(name, state)
      where e.name = any (wuye.erasures());
  end if;
  return int8send(head.number + 1) || timestamptz_send(v_recorded);
end $$;

-- A book in which nothing stands yet is whose opening is written: nobody turns a real office into a simulated one beforehand.
create or replace function wuye.open_book(p_office text, p_clock timestamptz) returns void
language plpgsql security definer set search_path = wuye, pg_temp as $$
begin
  perform wuye.keep_to_office(p_office);
  if p_clock is not null and not wuye.readable(p_clock) then
    raise exception 'no instant of a clock' using errcode = 'WY010';
  end if;
  if p_office !~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$' then
    raise exception 'no code of an office' using errcode = 'WY010';
  end if;
  insert into wuye.offices as o (office, simulated, clock) values (p_office, p_clock is not null, p_clock)
  on conflict (office) do update set simulated = excluded.simulated, clock = excluded.clock
    where o.number = 0 and o.clock is distinct from excluded.clock;
end $$;

create or replace function wuye.move_clock(p_office text, p_to timestamptz) returns void
language plpgsql security definer set search_path = wuye, pg_temp as $$
declare
  v_clock timestamptz;
begin
  perform wuye.keep_to_office(p_office);
  if wuye.readable(p_to) is not true then
    raise exception 'no instant of a clock' using errcode = 'WY010';
  end if;
  select o.clock into v_clock from wuye.offices o where o.office = p_office for no key update;
  if v_clock is null then
    raise exception 'no simulated office %', p_office using errcode = 'WY003';
  end if;
  if p_to < v_clock then
    raise exception 'the clock of % does not go back', p_office using errcode = 'WY007';
  end if;
  update wuye.offices o set clock = p_to where o.office = p_office and o.clock < p_to;
end $$;
