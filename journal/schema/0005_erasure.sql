-- An erasure is one append: with the fact that says so, the keys of its subjects are destroyed. ``destroyed`` in
-- p_more names them.
create or replace function wuye.record_more(p_office text, p_more jsonb) returns void
language plpgsql set search_path = wuye, pg_temp as $$
begin
  if p_more ? 'settings_changed' then
    update wuye.offices o set settings = o.settings + (p_more->>'settings_changed')::integer where o.office = p_office;
  end if;
  if exists (
    select from jsonb_each_text(p_more->'guards') g(case_id, version)
     where coalesce((select max(f.version) from wuye.facts f where f.case_id = g.case_id), 0) <> g.version::integer
  ) then
    raise exception 'a case that the decision rests on has moved on' using errcode = 'WY005';
  end if;
  if exists (
    select from jsonb_array_elements_text(p_more->'subjects') s(subject)
      left join wuye.keys k on k.office = p_office and k.subject = s.subject where k.wrapped is null
  ) then
    raise exception 'a key has been destroyed' using errcode = 'WY006';
  end if;
  insert into wuye.keys
    select p_office, k.subject, decode(k.wrapped, 'hex'), null from jsonb_each_text(p_more->'keys') k(subject, wrapped);
  delete from wuye.claims c
   where c.office = p_office and c.claim in (select jsonb_array_elements_text(p_more->'dropped'));
  insert into wuye.claims
    select p_office, c.claim, c.case_id from jsonb_each_text(p_more->'claims') c(claim, case_id);
  if p_more ? 'destroyed' then
    perform wuye.destroy_key(p_office, d.subject) from jsonb_array_elements_text(p_more->'destroyed') d(subject);
  end if;
end $$;
