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
grant select, insert, update on wuye.notices, wuye.subscriptions, wuye.deliveries to wuye_app;
