-- What a bank line says of persons that was set aside is destroyed after its time: by a fact, as every key is.
create or replace function wuye.erasures() returns text[] language sql immutable as $$
  select array['BankLineErased', 'BorrowerErased', 'HouseholdErased', 'PersonErased']
$$;
