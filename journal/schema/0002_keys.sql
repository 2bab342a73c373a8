-- The household's keys are made and destroyed by functions: the application can neither replace nor revive one.
create function wuye.make_key(p_office text, p_subject text, p_wrapped bytea) returns bytea
language plpgsql security definer set search_path = wuye, pg_temp as $$
declare v bytea;
begin
  insert into wuye.keys values (p_office, p_subject, p_wrapped, null) on conflict do nothing;
  select k.wrapped into v from wuye.keys k where k.office = p_office and k.subject = p_subject;
  return v;
end $$;

create function wuye.destroy_key(p_office text, p_subject text) returns void
language sql security definer set search_path = wuye, pg_temp as $$
  insert into wuye.keys values (p_office, p_subject, null, clock_timestamp())
  on conflict (office, subject) do update set wrapped = null, destroyed_at = coalesce(wuye.keys.destroyed_at, clock_timestamp())
$$;

create function wuye.rewrap_keys(p_office text, p_subjects text[], p_wrapped bytea[]) returns void
language sql security definer set search_path = wuye, pg_temp as $$
  update wuye.keys k set wrapped = n.wrapped
  from unnest(p_subjects, p_wrapped) as n(subject, wrapped)
  where k.office = p_office and k.subject = n.subject and k.wrapped is not null
$$;
revoke execute on function wuye.make_key, wuye.destroy_key, wuye.rewrap_keys from public;
grant execute on function wuye.make_key, wuye.destroy_key, wuye.rewrap_keys to wuye_app;
