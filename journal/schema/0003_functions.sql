-- The baseline, part three: of each function of the book, who may call it.

comment on function wuye.open_book is 'wuye_app: begins the book of an office; again changes nothing';
comment on function wuye.move_clock is 'wuye_app: moves a simulated office''s clock forward';
comment on function wuye.number_at is 'wuye_app: reads, with the caller''s own rights';
comment on function wuye.leaf is 'wuye_app: computes and reads nothing';
comment on function wuye.record is 'wuye_app: the one way to write a fact';
comment on function wuye.record_several is 'wuye_app: the one way to write several facts';
comment on function wuye.make_key is 'wuye_app: makes the key of a household in the book, once';
comment on function wuye.record_more is 'functions: wuye.record and wuye.record_several';
comment on function wuye.put_registers is 'functions: wuye.record and wuye.record_several';
comment on function wuye.destroy_key is 'functions: wuye.destroy_keys; by hand the owner, for a restored book';
comment on function wuye.destroy_keys is 'functions: wuye.record and wuye.record_several, for the fact that says so';
comment on function wuye.rewrap_keys is 'owner: another master key';
comment on function wuye.fence is 'owner: puts a table behind the fence of offices';
comment on function wuye.refuse_rewriting is 'functions: triggers';
