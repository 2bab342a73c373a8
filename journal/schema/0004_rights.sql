-- The baseline, part four: the fence between offices, and what the application may do.

-- The second fence: a transaction that has said whose it is (``wuye.office``) sees and writes that office alone; one that has said
-- several (joined by the unit separator) sees those, and an append, which is of one office, is refused within them. One that has said
-- nothing sees all: the clock, the company's figures. The first fence are the conditions of each query.
create function wuye.fence(p_table regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('drop policy if exists of_office on %s', p_table);
  execute format($f$create policy of_office on %s using (
    (select coalesce(current_setting('wuye.office', true), '') = '')
    or office = any((select string_to_array(current_setting('wuye.office', true), chr(31)))::text[]))$f$, p_table);
end $$;
select wuye.fence(t)
  from unnest(array['wuye.facts', 'wuye.claims', 'wuye.answers', 'wuye.keys', 'wuye.names', 'wuye.found_by', 'wuye.imports',
                    'wuye.notices', 'wuye.subscriptions', 'wuye.clock_work', 'wuye.saved_views']::regclass[]) t;

-- What the application's role may do: read, and call the functions; it writes no table of the book, only what stands beside it.
-- Each function says who may call it: «wuye_app», «functions» (only from within one of those), «owner».
do $$ begin
  if not exists (select from pg_roles where rolname = 'wuye_app') then
    create role wuye_app login;
  end if;
end $$;
do $$ begin
  alter role wuye_app set lock_timeout = '10s'; -- nobody waits for ever behind somebody who hangs
exception when insufficient_privilege then
  null; -- somebody else's role: then it stands in the connection (api.runtime.app_conninfo)
end $$;
grant usage on schema wuye to wuye_app;
grant select on wuye.offices, wuye.facts, wuye.facts_readable, wuye.claims, wuye.names, wuye.found_by, wuye.answers,
  wuye.keys, wuye.master_keys to wuye_app;
grant select on wuye.grants, wuye.mendings to wuye_app;
grant select, insert, update on wuye.imports, wuye.users, wuye.account_list, wuye.notices, wuye.subscriptions, wuye.deliveries to wuye_app;
grant select, insert, update, delete on wuye.sessions, wuye.tokens, wuye.failed_logins, wuye.clock_work, wuye.saved_views to wuye_app;
revoke execute on all functions in schema wuye from public;
grant execute on function
  wuye.open_book, wuye.move_clock, wuye.number_at, wuye.leaf, wuye.record, wuye.record_several, wuye.make_key, wuye.set_grants
  to wuye_app;
comment on function wuye.open_book is 'wuye_app: begins the book of an office; again changes nothing';
comment on function wuye.move_clock is 'wuye_app: moves a simulated office''s clock forward';
comment on function wuye.number_at is 'wuye_app: reads, with the caller''s own rights';
comment on function wuye.leaf is 'wuye_app: computes and reads nothing';
comment on function wuye.record is 'wuye_app: the one way to write a fact';
comment on function wuye.record_several is 'wuye_app: the one way to write several facts';
comment on function wuye.make_key is 'wuye_app: makes the key of a household in the book, once';
comment on function wuye.record_more is 'functions: wuye.record and wuye.record_several';
comment on function wuye.put_registers is 'functions: wuye.record and wuye.record_several';
comment on function wuye.destroy_key is 'functions: wuye.destroy_keys; by hand the owner, for a restored book';
comment on function wuye.erasures is 'functions: wuye.record and wuye.record_several; reads nothing';
comment on function wuye.destroy_keys is 'functions: wuye.record and wuye.record_several, for the fact that says so';
comment on function wuye.rewrap_keys is 'owner: another master key';
comment on function wuye.fence is 'owner: puts a table behind the fence of offices';
comment on function wuye.refuse_rewriting is 'functions: triggers';
comment on function wuye.readable is 'functions: wuye.record, wuye.record_several, wuye.open_book and wuye.move_clock';
comment on function wuye.keep_to_office is 'functions: wuye.make_key, wuye.open_book, wuye.move_clock and wuye.begin_append';
comment on function wuye.begin_append is 'functions: wuye.record and wuye.record_several';
comment on function wuye.set_grants is 'wuye_app: replaces an account''s roles';
