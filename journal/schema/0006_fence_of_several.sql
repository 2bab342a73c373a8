-- The fence of several offices: a transaction may say a set of offices (joined by the unit separator) and sees those alone.
-- The setting is the same one, so that an append, which is of one office, is refused within a set.
create or replace function wuye.fence(p_table regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('drop policy if exists of_office on %s', p_table);
  execute format($f$create policy of_office on %s using (
    (select coalesce(current_setting('wuye.office', true), '') = '')
    or office = any((select string_to_array(current_setting('wuye.office', true), chr(31)))::text[]))$f$, p_table);
end $$;
select wuye.fence(p.polrelid) from pg_policy p join pg_class c on c.oid = p.polrelid
 where p.polname = 'of_office' and c.relnamespace = 'wuye'::regnamespace;
