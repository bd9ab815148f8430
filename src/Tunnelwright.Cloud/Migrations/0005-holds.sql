-- Who may still have an address: nodes that its tunnel left and that have not carried it out yet. There may be several, one after the other.
create table held_addresses (
  address inet not null references outside_addresses on delete cascade,
  node_id text not null references nodes on delete cascade,
  version bigint not null,
  primary key (address, node_id)
);
create index on held_addresses (node_id);
insert into held_addresses (address, node_id, version) select address, held_by, held_version from outside_addresses a where exists (select 1 from nodes n where n.id = a.held_by);
alter table outside_addresses drop column held_by, drop column held_version;
-- A node that was forgotten before it gave up what it had. It is told to, should it come back, and its row goes when it has.
alter table nodes add column forgotten_at timestamptz;
