-- The baseline, part two. What writes the book 记账: the functions that the application may call, and theirs. They lend their rights
-- for a fact and for the transaction's own office alone. WY010: what was asked for is nothing that the program ever asks for.

-- What no program could read again is refused here, not by constraints: a constraint's expression is read and compiled anew in every
-- INSERT and UPDATE (measured: a tenth of what an append costs the server), a function's once. Nobody but these functions writes a
-- fact or an office; the owner can drop a constraint as well as write beside it, and `wuye verify` finds both.
create function wuye.readable(p_instant timestamptz) returns boolean language sql immutable parallel safe as $$
  select p_instant between '0001-01-02 00:00:00+00'::timestamptz and '9999-12-30 00:00:00+00'::timestamptz
$$;

-- A transaction that names its office is that office's alone. True, so that it is asked for in an expression: a PERFORM is a
-- statement with an executor of its own (4 µs each).
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

-- Replaced by the registers' own installation with one branch per register. For each row version ``p_places`` holds
-- three numbers: the fact of the append that made it (from 0), the fact that replaces it or -1, 1 if no older version
-- stands open; and ``p_texts`` four texts: register, case, line, the row as a composite value or null if it is gone.
-- From ``MANY_FROM`` (journal/append.py) row versions on all first numbers come first, then all second ones, and so on.
create function wuye.put_registers(
  p_office text, p_first bigint, p_recorded timestamptz, p_places integer[], p_texts text[]
) returns boolean language plpgsql as $$
begin
  raise exception 'no registers are installed' using errcode = 'WY002';
end $$;

-- The facts that destroy the keys they name (``Event.destroys`` in the domain).
create function wuye.erasures() returns text[] language sql immutable as $$
  select array['BankLineErased', 'BorrowerErased', 'HouseholdErased', 'PersonErased']
$$;

-- A key is destroyed by the fact that says so, and by nothing else: whoever appends an erasure destroys the keys that it
-- names, and there is no other way for the application. The owner has one, for a restored book.
create function wuye.destroy_key(p_office text, p_subject text) returns void
language sql set search_path = wuye, pg_temp as $$
  insert into wuye.keys (office, subject, wrapped, destroyed_at)
  select p_office, p_subject, null, coalesce((select o.clock from wuye.offices o where o.office = p_office), clock_timestamp())
  on conflict (office, subject) do update
    set wrapped = null, destroyed_at = coalesce(wuye.keys.destroyed_at, excluded.destroyed_at);
  delete from wuye.found_by f where f.office = p_office and f.subject = p_subject
$$;

create function wuye.destroy_keys(p_office text, p_state bytea) returns void
language sql set search_path = wuye, pg_temp as $$
  select wuye.destroy_key(p_office, s.subject)
    from jsonb_array_elements_text(convert_from(p_state, 'UTF8')::jsonb -> 'subjects') s(subject)
$$;

-- What few appends have, ``p_more``: settings_changed, guards {case: version}, dropped [claim], claims {claim: case},
-- names [[kind, compared, shown]], found_by [[register, case, line, field, subject, [token]]] (no tokens: found no more),
-- subjects [subject], keys {subject: hex}.
-- Each is asked row by row by its key: as joins these were planned over all entries, keys and claims of the office. A guard compares
-- the office as an expression, so that it has the index of cases alone to go by.
create function wuye.record_more(p_office text, p_more jsonb) returns boolean
language plpgsql as $$
declare
  v_claim text;
  v_entry jsonb;
begin
  if p_more ? 'settings_changed' then
    update wuye.offices o set settings = o.settings + (p_more->>'settings_changed')::integer where o.office = p_office;
  end if;
  if p_more ? 'guards' and exists (
    select from jsonb_each_text(p_more->'guards') g(case_id, version)
     where coalesce((select max(f.version) from wuye.facts f where f.case_id = g.case_id and f.office || '' = p_office), 0)
           <> g.version::integer
  ) then
    raise exception 'a case that the decision rests on has moved on' using errcode = 'WY005';
  end if;
  if p_more ? 'subjects' and exists (
    select from jsonb_array_elements_text(p_more->'subjects') s(subject)
     where (select k.wrapped from wuye.keys k where k.office = p_office and k.subject = s.subject limit 1) is null
  ) then
    raise exception 'a key has been destroyed' using errcode = 'WY006';
  end if;
  if p_more ? 'keys' then
    insert into wuye.keys (office, subject, wrapped)
      select p_office, k.subject, decode(k.wrapped, 'hex') from jsonb_each_text(p_more->'keys') k(subject, wrapped);
  end if;
  if p_more ? 'dropped' then
    for v_claim in select jsonb_array_elements_text(p_more->'dropped') loop
      delete from wuye.claims c where c.office = p_office and c.claim = v_claim;
    end loop;
  end if;
  if p_more ? 'claims' then
    insert into wuye.claims
      select p_office, c.claim, c.case_id from jsonb_each_text(p_more->'claims') c(claim, case_id);
  end if;
  if p_more ? 'names' then
    insert into wuye.names
      select p_office, n.name->>0, n.name->>1, n.name->>2 from jsonb_array_elements(p_more->'names') n(name);
  end if;
  if p_more ? 'found_by' then
    for v_entry in
      select e.entry from jsonb_array_elements(p_more->'found_by') e(entry) where jsonb_array_length(e.entry->5) = 0
    loop
      delete from wuye.found_by f
       where f.office = p_office and f.register = v_entry->>0 and f.case_id = v_entry->>1 and f.line = v_entry->>2
         and f.field = v_entry->>3;
    end loop;
    insert into wuye.found_by as f
      select p_office, e.entry->>0, e.entry->>1, e.entry->>2, e.entry->>3, e.entry->>4,
             array(select jsonb_array_elements_text(e.entry->5))
      from jsonb_array_elements(p_more->'found_by') e(entry) where jsonb_array_length(e.entry->5) > 0
      on conflict on constraint found_by_pkey do update set subject = excluded.subject, tokens = excluded.tokens;
  end if;
  return true;
end $$;

-- The one way to write: the facts of one append and everything that must be written with them. Returns
-- the first page and the time at which the book took it, in binary form (a result row would cost more than its hash).
-- ``p_subject`` is whose key sealed the fact; ``p_wrapped`` that key when it is new with this append.
-- Errors: WY003 unknown office, WY004 settings have changed, WY005 a guarded case has moved on, WY006 a household's key
-- has been destroyed, WY008 another office's transaction, WY010 nothing that the program
-- asks for, or that could be read again; unique violations name facts_case_version, answers_pkey,
-- claims_pkey, keys_pkey, names_pkey.
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
create function wuye.open_book(p_office text, p_clock timestamptz) returns void
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

-- The one way to move the clock of a simulated office 模拟管理处的时钟: it stands still, and goes forward when it is told.
-- Errors: WY003 there is no such simulated office, WY007 the clock does not go back.
create function wuye.move_clock(p_office text, p_to timestamptz) returns void
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

-- The household's keys are made by functions, which neither replace nor revive one: with an append that seals with it,
-- or here, for the documents of a household that is in the book.
create function wuye.make_key(p_office text, p_subject text, p_wrapped bytea) returns bytea
language plpgsql security definer set search_path = wuye, pg_temp as $$
declare v bytea;
begin
  perform wuye.keep_to_office(p_office);
  insert into wuye.keys (office, subject, wrapped) select p_office, p_subject, p_wrapped
   where exists (select from wuye.facts f where f.case_id = p_subject and f.office = p_office) on conflict do nothing;
  select k.wrapped into v from wuye.keys k where k.office = p_office and k.subject = p_subject;
  return v;
end $$;

-- Another master key is the owner's affair.
create function wuye.rewrap_keys(p_office text, p_subjects text[], p_wrapped bytea[]) returns void
language sql set search_path = wuye, pg_temp as $$
  update wuye.keys k set wrapped = n.wrapped
  from unnest(p_subjects, p_wrapped) as n(subject, wrapped)
  where k.office = p_office and k.subject = n.subject and k.wrapped is not null
$$;
