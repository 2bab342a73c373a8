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

grant select, insert, update, delete
  on wuye.users, wuye.sessions, wuye.tokens, wuye.grants, wuye.failed_logins to wuye_app;
