-- An account bears a seal of the program over what it may do and how one logs in to it, so that one that was changed beside the
-- program is found by verifying. Accounts of before are sealed once, when the program is first opened; null until then.
alter table wuye.users add column seal bytea;
alter table wuye.master_keys add column accounts_sealed_at timestamptz;
alter table wuye.master_keys alter column accounts_sealed_at set default clock_timestamp();
