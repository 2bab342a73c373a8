-- Nobody asks which claims a case holds. This index was written with every claim, and while the server knew little of a table that
-- grows within a minute, it was taken instead of the key to look a claim up among all claims of the office.
drop index wuye.claims_case;

-- As before, but for the guards: the office as an expression, so that they have the index of cases alone to go by.
create or replace function wuye.record_more(p_office text, p_more jsonb) returns boolean
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
