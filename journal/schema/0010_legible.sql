-- Figures look into what is said of every fact, and whoever follows the book into every fact: one page that is no text would stop
-- all of them. What nobody can read any further is its case's own affair.
alter table wuye.facts add constraint facts_legible check (
  jsonb_typeof(convert_from(metadata, 'UTF8')::jsonb) = 'object' and length(convert_from(state, 'UTF8')) >= 0) not valid;
