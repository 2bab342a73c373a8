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
  imported_by text,                         -- an account; null: on the command line
  told        bytea,                        -- 24 bytes a fact, keyed: which command on which case, and when, and all that it says
  told_by     text[],                       -- with whose keys; null: nobody can tell any more
  constraint imports_pkey primary key (office, mapping, source_case)
);

-- Accounts 账号, sessions 登录, tokens 令牌 and grants 授权. Secrets stand here only as hashes. An account bears a seal of the program over
-- what it may do and how one logs in to it, a session and a token over whose they are and until when they count: a row that somebody
-- puts here, gives to another or prolongs beside the program opens nothing, and is found by verifying.
create table wuye.users (
  user_id       text primary key,
  login         text not null,
  name          text not null,
  password_hash text,                                 -- argon2id; null: a program, which has tokens only
  disabled_at   timestamptz,
  created_at    timestamptz not null default clock_timestamp(),
  seal          bytea,
  constraint users_login unique (login)
);

create table wuye.sessions (
  hash       bytea primary key,                       -- sha256 of the cookie
  user_id    text not null references wuye.users on delete cascade,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  seal       bytea
);
create index sessions_user on wuye.sessions (user_id);

create table wuye.tokens (
  token_id   text primary key,
  hash       bytea not null,                          -- sha256 of the token
  user_id    text not null references wuye.users on delete cascade,
  name       text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  seal       bytea,
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

-- Accounts end and are never deleted: the sealed list of all there are tells of one that is gone. One row, made with the first account.
create table wuye.account_list (
  one   boolean primary key default true check (one),
  users text[] not null,
  seal  bytea not null
);

create table wuye.failed_logins (
  login text not null,
  at    timestamptz not null default clock_timestamp()
);
create index failed_logins_login on wuye.failed_logins (login, at);

-- Notices 通知: what people are told of the office's promises, and how it reached them. None of this is the book: every
-- notice derives from the deadlines register, which is written with the facts; here stands only what became of it. Those that
-- say the same to the same person are told together: each keeps its row, its instant and its reader.
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
  read_by    text,
  gathered_in uuid references wuye.notices on delete cascade, -- the notice under which it is told
  latest_at  timestamptz                              -- of one that others are told under: when the last of them was made
    constraint notices_latest_instant check (latest_at is null or latest_at between '0001-01-02 00:00:00+00' and '9999-12-30 00:00:00+00')
);
create index notices_office on wuye.notices (office, made_at);
create index notices_gathered on wuye.notices (gathered_in) where gathered_in is not null;
create index notices_told on wuye.notices (office, (coalesce(latest_at, made_at)), id) where gathered_in is null;
create index notices_unread on wuye.notices (office, case_kind, task, stage, role) where gathered_in is null and read_at is null;

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

-- Views of registers that a person has kept 常用视图: the conditions of an address, never the words that were searched for.
create table wuye.saved_views (
  office   text not null,
  user_id  text not null references wuye.users on delete cascade,
  register text not null,
  name     text not null,
  query    text not null,
  made_at  timestamptz not null default clock_timestamp(),
  constraint saved_views_pkey primary key (office, user_id, register, name)
);

-- An instant that no program can read would stop whoever reads a list in which it stands.
do $$ declare
  c record;
begin
  for c in
    select a.attrelid::regclass as table, k.relname, string_agg(
             format('(%1$I is null or %1$I between ''0001-01-02 00:00:00+00'' and ''9999-12-30 00:00:00+00'')', a.attname),
             ' and ' order by a.attnum) as readable
      from pg_attribute a join pg_class k on k.oid = a.attrelid
     where k.oid = any (array['wuye.imports', 'wuye.users', 'wuye.sessions', 'wuye.tokens', 'wuye.failed_logins', 'wuye.notices',
                              'wuye.subscriptions', 'wuye.deliveries', 'wuye.clock_work', 'wuye.saved_views']::regclass[])
       and a.atttypid = 'timestamptz'::regtype and not a.attisdropped
       and not exists (select from pg_constraint o where o.conrelid = k.oid and o.contype = 'c' and a.attnum = any (o.conkey))
     group by 1, 2
  loop
    execute format('alter table %s add constraint %I check (%s)', c.table, c.relname || '_instants', c.readable);
  end loop;
end $$;

-- Roles are given by one function, which knows what no program may forget: nobody gives himself a role, and who keeps
-- accounts or audits does nothing else. Who gives it is named, and offices and roles are words as the program writes them.
create function wuye.set_grants(p_user text, p_by text, p_offices text[], p_roles text[]) returns void
language plpgsql security definer set search_path = wuye, pg_temp as $$
begin
  if p_user is null or p_by is null or p_offices is null or cardinality(p_offices) is distinct from cardinality(p_roles) then
    raise exception 'somebody gives somebody roles' using errcode = 'WY010';
  end if;
  if p_user = p_by then
    raise exception 'nobody grants roles to himself' using errcode = 'WY009';
  end if;
  if exists (
    select from unnest(p_offices, p_roles) n(office, role)
     where (n.office ~ '^([*]|[A-Za-z0-9][A-Za-z0-9_-]{0,31})$' and n.role ~ '^[a-z]+(-[a-z]+)*$') is not true
  ) then
    raise exception 'no code of an office, or no word for a role' using errcode = 'WY010';
  end if;
  if p_roles && array['system-administrator', 'auditor'] and (select count(distinct r) from unnest(p_roles) r) > 1 then
    raise exception 'these roles do not go together' using errcode = 'WY009';
  end if;
  delete from wuye.grants g where g.user_id = p_user;
  insert into wuye.grants (user_id, office, role, granted_by)
  select p_user, n.office, n.role, p_by from unnest(p_offices, p_roles) n(office, role);
end $$;
