-- The append anew, at half the server's time: whole values instead of a result row, nothing looked at that an append
-- does not bring, rows handed to their registers as arrays instead of a JSON document that is unpacked piece by piece.
-- What is stored and how it is hashed stays as it was.

-- A case is its office's. Some ids are made of what people write (a household's debt case, a member of the staff), so
-- two offices can come to the same one; neither may stand in the other's way, nor be looked at for it.
alter table wuye.facts drop constraint facts_case_version;
alter table wuye.facts add constraint facts_case_version unique (case_id, version, office);

drop function wuye.record;
drop function wuye.record_many;
drop function wuye.record_more;
drop function wuye.put_registers;
do $$ -- one function per register; their installation makes them anew
declare f regprocedure;
begin
  for f in select p.oid from pg_proc p where p.pronamespace = 'wuye'::regnamespace and p.proname like 'put\_r\_%' loop
    execute format('drop function %s', f);
  end loop;
end $$;

-- Replaced by the registers' own installation with one branch per register. For each row version ``p_places`` holds
-- three numbers: the fact of the append that made it (from 0), the fact that replaces it or -1, 1 if no older version
-- stands open; and ``p_texts`` four texts: register, case, line, the row as a composite value or null if it is gone.
create function wuye.put_registers(
  p_office text, p_first bigint, p_recorded timestamptz, p_places integer[], p_texts text[]
) returns boolean language plpgsql as $$
begin
  raise exception 'no registers are installed' using errcode = 'WY002';
end $$;

-- What few appends have, ``p_more``: settings_changed, guards {case: version}, dropped [claim], claims {claim: case},
-- subjects [subject], keys {subject: hex}, destroyed [subject].
create function wuye.record_more(p_office text, p_more jsonb) returns boolean
language plpgsql as $$
begin
  if p_more ? 'settings_changed' then
    update wuye.offices o set settings = o.settings + (p_more->>'settings_changed')::integer where o.office = p_office;
  end if;
  if p_more ? 'guards' and exists (
    select from jsonb_each_text(p_more->'guards') g(case_id, version)
     where coalesce((select max(f.version) from wuye.facts f where f.case_id = g.case_id and f.office = p_office), 0)
           <> g.version::integer
  ) then
    raise exception 'a case that the decision rests on has moved on' using errcode = 'WY005';
  end if;
  if p_more ? 'subjects' and exists (
    select from jsonb_array_elements_text(p_more->'subjects') s(subject)
      left join wuye.keys k on k.office = p_office and k.subject = s.subject where k.wrapped is null
  ) then
    raise exception 'a key has been destroyed' using errcode = 'WY006';
  end if;
  if p_more ? 'keys' then
    insert into wuye.keys
      select p_office, k.subject, decode(k.wrapped, 'hex'), null from jsonb_each_text(p_more->'keys') k(subject, wrapped);
  end if;
  if p_more ? 'dropped' then
    delete from wuye.claims c
     where c.office = p_office and c.claim in (select jsonb_array_elements_text(p_more->'dropped'));
  end if;
  if p_more ? 'claims' then
    insert into wuye.claims
      select p_office, c.claim, c.case_id from jsonb_each_text(p_more->'claims') c(claim, case_id);
  end if;
  if p_more ? 'destroyed' then
    perform wuye.destroy_key(p_office, d.subject) from jsonb_array_elements_text(p_more->'destroyed') d(subject);
  end if;
  return true;
end $$;

-- The one way to write: the facts of one append and everything that must be written with them. Returns
-- the first page and the time at which the book took it, in binary form (a result row would cost more than its hash).
-- ``p_subject`` is whose key sealed the fact; ``p_wrapped`` that key when it is new with this append.
-- Errors: WY003 unknown office, WY004 settings have changed, WY005 a guarded case has moved on, WY006 a household's key
-- has been destroyed; unique violations name facts_case_version, answers_pkey, claims_pkey, keys_pkey.
create function wuye.record(
  p_office text,
  p_case_id text, p_version integer, p_event_id uuid, p_name text, p_schema smallint,
  p_metadata bytea, p_state bytea, p_occurred timestamptz,
  p_now timestamptz, p_settings integer,
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
  -- One statement takes the office's row, numbers, stamps and links. The office's clock never runs backwards; a
  -- played office takes the player's time, a real one never does.
  update wuye.offices o
     set number = o.number + 1,
         recorded_at = greatest(o.recorded_at, case when o.simulated then coalesce(p_now, v_clock) else v_clock end),
         chain = sha256(o.chain || wuye.leaf(
           p_office, o.number + 1, p_case_id, p_version, p_event_id, p_name, p_schema, p_metadata, p_state, p_occurred,
           greatest(o.recorded_at, case when o.simulated then coalesce(p_now, v_clock) else v_clock end)))
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
  p_office text, p_now timestamptz, p_settings integer,
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
  v_recorded := greatest(head.recorded_at, case when head.simulated then coalesce(p_now, v_clock) else v_clock end);
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

revoke execute on function wuye.record, wuye.record_several, wuye.record_more, wuye.put_registers from public;
grant execute on function wuye.record, wuye.record_several to wuye_app;
