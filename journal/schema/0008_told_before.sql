-- Which facts of a case of another system's history were taken: a later export, or a second file about it, is taken as what is new.
alter table wuye.imports
  add column told bytea,          -- 24 bytes a fact, keyed: which command on which case, and when, and all that it says
  add column told_by text[];      -- with whose keys; null: nobody can tell any more
grant update on wuye.imports to wuye_app;
