-- Who imported on a page of the console 导入人: an account; null where it was done on the command line.
alter table wuye.imports add column imported_by text;
