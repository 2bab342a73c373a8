-- The clock of a simulated office 模拟管理处的时钟: it stands still, goes forward when it is told, and is what stamps the
-- facts of that office. A real office has none (null) and goes by the server's.
alter table wuye.offices add column clock timestamptz;
update wuye.offices set clock = recorded_at where simulated;

drop function wuye.open_book(text, boolean);
create function wuye.open_book(p_office text, p_clock timestamptz) returns void
language sql security definer set search_path = wuye, pg_temp as $$
  insert into wuye.offices (office, simulated, clock) values (p_office, p_clock is not null, p_clock)
  on conflict do nothing
$$;

-- The one way to move a clock. Errors: WY003 there is no such simulated office, WY007 the clock does not go back.
create function wuye.move_clock(p_office text, p_to timestamptz) returns void
language plpgsql security definer set search_path = wuye, pg_temp as $$
declare
  v_clock timestamptz;
begin
  select o.clock into v_clock from wuye.offices o where o.office = p_office for no key update;
  if v_clock is null then
    raise exception 'no simulated office %', p_office using errcode = 'WY003';
  end if;
  if p_to < v_clock then
    raise exception 'the clock of % does not go back', p_office using errcode = 'WY007';
  end if;
  update wuye.offices o set clock = p_to where o.office = p_office and o.clock < p_to;
end $$;

-- When a key is destroyed is the office's own time too.
create or replace function wuye.destroy_key(p_office text, p_subject text) returns void
language sql security definer set search_path = wuye, pg_temp as $$
  insert into wuye.keys
  select p_office, p_subject, null, coalesce((select o.clock from wuye.offices o where o.office = p_office), clock_timestamp())
  on conflict (office, subject) do update
    set wrapped = null, destroyed_at = coalesce(wuye.keys.destroyed_at, excluded.destroyed_at)
$$;

-- The append anew: the time comes from the office's row alone, nobody hands one in.
drop function wuye.record;
drop function wuye.record_several;

-- The one way to write: the facts of one append and everything that must be written with them. Returns
-- the first page and the time at which the book took it, in binary form (a result row would cost more than its hash).
-- ``p_subject`` is whose key sealed the fact; ``p_wrapped`` that key when it is new with this append.
-- Errors: WY003 unknown office, WY004 settings have changed, WY005 a guarded case has moved on, WY006 a household's key
-- has been destroyed; unique violations name facts_case_version, answers_pkey, claims_pkey, keys_pkey.
create function wuye.record(
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
  -- One statement takes the office's row, numbers, stamps and links. Time never runs backwards in a book: a simulated
  -- office's is that of its own clock, a real one's that of the server.
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
    insert into wuye.keys values (p_office, p_subject, p_wrapped, null);
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
  return int8send(v_last) || timestamptz_send(v_recorded);
end $$;

-- As ``record``, for none or several facts.
create function wuye.record_several(
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
  return int8send(head.number + 1) || timestamptz_send(v_recorded);
end $$;

revoke execute on function wuye.record, wuye.record_several, wuye.open_book, wuye.move_clock from public;
grant execute on function wuye.record, wuye.record_several, wuye.open_book, wuye.move_clock to wuye_app;
