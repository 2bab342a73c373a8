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
select wuye.fence('wuye.saved_views');
grant select, insert, update, delete on wuye.saved_views to wuye_app;
