-- A log-in and a token bear a seal of the program over whose they are and until when they count: a row that somebody puts here, gives to
-- another or prolongs beside the program opens nothing. Those of before are sealed once, when the program is first opened.
alter table wuye.sessions add column seal bytea;
alter table wuye.tokens add column seal bytea;
alter table wuye.master_keys add column tokens_sealed_at timestamptz;
alter table wuye.master_keys alter column tokens_sealed_at set default clock_timestamp();

-- Accounts end and are never deleted: the sealed list of all there are tells of one that is gone. One row, made with the first account.
create table wuye.account_list (
  one   boolean primary key default true check (one),
  users text[] not null,
  seal  bytea not null
);
grant select, insert, update on wuye.account_list to wuye_app;
