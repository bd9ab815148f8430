-- Every report changes the rows of all its tunnels and none of their keys: with room in its page a row is changed in place (a heap-only tuple), and no index grows.
alter table observations set (fillfactor = 50);
-- What a complete report does not name any more is found by its node.
create index on observations (node_id);
