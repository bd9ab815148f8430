-- held_by is a node that fell silent with the address: until it has carried out held_version, or is forgotten, nobody else's tunnel gets the address.
alter table outside_addresses add column held_by text, add column held_version bigint;
