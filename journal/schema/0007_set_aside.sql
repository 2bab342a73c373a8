-- The few facts by which cases were withdrawn or merged: who refers to a case, or counts its entries, asks for them.
create index if not exists facts_set_aside on wuye.facts (office, case_id)
  where name in ('WithdrawnAsMistaken', 'MarkedDuplicate');
