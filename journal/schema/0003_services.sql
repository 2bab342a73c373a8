-- The baseline, part three. What the program keeps beside the book: imports, accounts, notices, the clock's work. No fact
-- stands here alone.

-- Which cases of another system's history stand in the book already. A row is written with the facts it speaks of, so
-- that an import that was cut off goes on exactly where it stopped, and one that is repeated changes nothing.
create table wuye.imports (
  office      text not null,
  mapping     text not null,
  source_case text not null,
  digest      bytea not null,               -- of what the source said of the case, made with the keys of its subjects
  subjects    text[] not null,              -- whose keys: with one of them nobody can try any more what was said
  facts       integer not null,
  refused     jsonb,                        -- what the book would not take of it, to be told again
  imported_at timestamptz not null default clock_timestamp(),
  constraint imports_pkey primary key (office, mapping, source_case)
);

-- Accounts 账号, sessions 登录, tokens 令牌 and grants 授权. Secrets stand here only as hashes.
create table wuye.users (
  user_id       text primary key,
  login         text not null,
  name          text not null,
  password_hash text,                                 -- argon2id; null: a program, which has tokens only
  disabled_at   timestamptz,
  created_at    timestamptz not null default clock_timestamp(),
  constraint users_login unique (login)
);

create table wuye.sessions (
  hash       bytea primary key,                       -- sha256 of the cookie
  user_id    text not null references wuye.users on delete cascade,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
);
create index sessions_user on wuye.sessions (user_id);

create table wuye.tokens (
  token_id   text primary key,
  hash       bytea not null,                          -- sha256 of the token
  user_id    text not null references wuye.users on delete cascade,
  name       text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  constraint tokens_hash unique (hash)
);
create index tokens_user on wuye.tokens (user_id);

create table wuye.grants (
  user_id    text not null references wuye.users on delete cascade,
  office     text not null,                           -- '*': in every office
  role       text not null,
  granted_by text not null,
  granted_at timestamptz not null default clock_timestamp(),
  constraint grants_pkey primary key (user_id, office, role)
);

create table wuye.failed_logins (
  login text not null,
  at    timestamptz not null default clock_timestamp()
);
create index failed_logins_login on wuye.failed_logins (login, at);

-- Notices 通知: what people are told of the office's promises, and how it reached them. None of this is the book: every
-- notice derives from the deadlines register, which is written with the facts; here stands only what became of it.
create table wuye.notices (
  id         uuid primary key,                        -- derived from the deadline's version and the stage: made once
  office     text not null,
  case_id    text not null,
  case_kind  text not null,
  task       text not null,                           -- the deadline's kind
  stage      text not null,                           -- reminder, overdue, escalation
  role       text not null,
  person     text,
  clause     text not null,
  zh         text not null,
  en         text not null,
  due_at     timestamptz not null,
  made_at    timestamptz not null,
  read_at    timestamptz,
  read_by    text
);
create index notices_office on wuye.notices (office, made_at);

create table wuye.subscriptions (
  id         text primary key,
  office     text not null,
  role       text,                                    -- only notices for this role; null: all of the office
  person     text,
  channel    text not null check (channel in ('e-mail', 'webhook')),
  address    text not null,
  secret     bytea,                                   -- of a webhook, wrapped by the master key
  made_by    text not null,
  made_at    timestamptz not null default clock_timestamp(),
  ended_at   timestamptz
);

create table wuye.deliveries (
  notice       uuid not null references wuye.notices on delete cascade,
  subscription text not null references wuye.subscriptions on delete cascade,
  next_at      timestamptz not null,
  attempts     integer not null default 0,
  delivered_at timestamptz,
  given_up_at  timestamptz,
  last_error   text,
  constraint deliveries_pkey primary key (notice, subscription)
);
create index deliveries_next on wuye.deliveries (next_at) where delivered_at is null and given_up_at is null;

-- The clock's work 时钟的工作: who is at work on a deadline until when, how often it has failed, and why. What is owed
-- stands in the deadlines register, which can be rebuilt from the book at any time; this cannot, so it is a table of its
-- own. A row is one version of a deadline, named by its register row; the clock removes it when that is closed.
create table wuye.clock_work (
  office       text not null,
  case_id      text not null,
  line         text not null,
  from_number  bigint not null,
  leased_until timestamptz not null,                  -- for ever (9999): parked with its error until somebody looks at it
  attempts     integer not null default 0,
  last_error   text,
  constraint clock_work_pkey primary key (office, case_id, line, from_number)
);

-- What was mended that no fact explains 更正记录: by the owner's word, and never taken back.
create table wuye.mendings (
  at     timestamptz not null default clock_timestamp(),
  reason text not null check (reason <> ''),
  what   jsonb not null                               -- register → row versions that stood otherwise; or what was restored
);
create trigger mendings_never_change before update or delete on wuye.mendings
  for each row execute function wuye.refuse_rewriting();
create trigger mendings_never_truncated before truncate on wuye.mendings
  for each statement execute function wuye.refuse_rewriting();
grant select on wuye.mendings to wuye_app;

-- Roles are given by one function, which knows what no program may forget: nobody gives himself a role, and who keeps
-- accounts or audits does nothing else.
create function wuye.set_grants(p_user text, p_by text, p_offices text[], p_roles text[]) returns void
language plpgsql security definer set search_path = wuye, pg_temp as $$
begin
  if p_user = p_by then
    raise exception 'nobody grants roles to himself' using errcode = 'WY009';
  end if;
  if p_roles && array['system-administrator', 'auditor'] and (select count(distinct r) from unnest(p_roles) r) > 1 then
    raise exception 'these roles do not go together' using errcode = 'WY009';
  end if;
  delete from wuye.grants g where g.user_id = p_user;
  insert into wuye.grants (user_id, office, role, granted_by)
  select p_user, n.office, n.role, p_by from unnest(p_offices, p_roles) n(office, role);
end $$;
comment on function wuye.set_grants is 'wuye_app: replaces an account''s roles';
revoke execute on function wuye.set_grants from public;
grant execute on function wuye.set_grants to wuye_app;

select wuye.fence(t)
  from unnest(array['wuye.imports', 'wuye.notices', 'wuye.subscriptions', 'wuye.clock_work']::regclass[]) t;

grant select, insert on wuye.imports to wuye_app;
grant select, insert, update on wuye.users to wuye_app;
grant select on wuye.grants to wuye_app;
grant select, insert, update, delete on wuye.sessions, wuye.tokens, wuye.failed_logins to wuye_app;
grant select, insert, update on wuye.notices, wuye.subscriptions, wuye.deliveries to wuye_app;
grant select, insert, update, delete on wuye.clock_work to wuye_app;
