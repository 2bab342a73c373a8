-- A case is its office's. Some ids are made of what people write (a household's debt case, a member of the staff), so
-- two offices can come to the same one; neither may stand in the other's way, nor be looked at for it.
alter table wuye.facts drop constraint facts_case_version;
alter table wuye.facts add constraint facts_case_version unique (case_id, version, office);

-- The guards look into the office's own book. The function's text is taken as it stands, whatever else it has learnt.
do $$
declare
  v_text text := pg_get_functiondef('wuye.record_more(text, jsonb)'::regprocedure);
  v_made text := replace(v_text, 'where f.case_id = g.case_id)', 'where f.case_id = g.case_id and f.office = p_office)');
begin
  if v_made = v_text then
    raise exception 'wuye.record_more: the guards are not where they were';
  end if;
  execute v_made;
end $$;
