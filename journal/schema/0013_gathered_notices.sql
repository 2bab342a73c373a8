-- Notices that say the same to the same person are told together: each keeps its row, its instant and its reader, and names the
-- one under which it is told (gathered_in); that one says when the last of them was made (latest_at). Notices of before stay single.
alter table wuye.notices add column gathered_in uuid references wuye.notices on delete cascade;
alter table wuye.notices add column latest_at timestamptz
  constraint notices_latest_instant check (latest_at is null or latest_at between '0001-01-02 00:00:00+00' and '9999-12-30 00:00:00+00');
create index notices_gathered on wuye.notices (gathered_in) where gathered_in is not null;
create index notices_told on wuye.notices (office, (coalesce(latest_at, made_at)), id) where gathered_in is null;
create index notices_unread on wuye.notices (office, case_kind, task, stage, role) where gathered_in is null and read_at is null;
