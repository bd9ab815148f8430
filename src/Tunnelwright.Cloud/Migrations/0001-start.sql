-- Customers, and what they have. Addresses are checked by the service; the constraints here are what two replicas at once could break.
create table customers (
  id text primary key,
  number integer generated always as identity (maxvalue 16777215) unique,
  name text not null,
  cloud_network cidr not null,
  cloud_asn bigint not null,
  services jsonb not null,
  edition jsonb not null,
  limits jsonb not null,
  dns jsonb not null,
  notifications jsonb not null,
  webhook_secret bytea,
  created_at timestamptz not null default now(),
  version bigint not null default 1
);
create index on customers (created_at, id);

create table users (
  id text primary key,
  customer_id text references customers on delete cascade,
  email text not null,
  password_hash text not null,
  role text not null,
  created_at timestamptz not null default now(),
  version bigint not null default 1
);
create unique index on users (lower(email));
create index on users (customer_id);

create table sessions (
  hash bytea primary key,
  user_id text not null references users on delete cascade,
  expires_at timestamptz not null
);
create index on sessions (user_id);

create table tokens (
  id text primary key,
  customer_id text references customers on delete cascade,
  name text not null,
  role text not null,
  hash bytea not null unique,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz
);
create index on tokens (customer_id);

create table node_registrations (
  id text primary key,
  failure_domain text not null,
  hash bytea not null unique,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);

-- desired_version counts changes of what the node should do; the change and its number are committed together.
create table nodes (
  id text primary key,
  registration_id text not null unique references node_registrations,
  name text not null,
  failure_domain text not null,
  credential_hash bytea not null unique,
  draining boolean not null default false,
  last_seen_at timestamptz not null default now(),
  desired_version bigint not null default 0,
  applied_version bigint not null default 0,
  registered_at timestamptz not null default now()
);

-- Which customers changed on a node, and with which version: what a node gets that asks for changes only.
create table node_customers (
  node_id text not null references nodes on delete cascade,
  customer_id text not null,
  version bigint not null,
  primary key (node_id, customer_id)
);
create index on node_customers (node_id, version);

create table address_pools (
  id text primary key,
  range cidr not null,
  created_at timestamptz not null default now(),
  exclude using gist (range inet_ops with &&)
);

create table connections (
  id text primary key,
  customer_id text not null references customers,
  cloud_gateway_id text not null,
  customer_gateway_id text not null,
  purpose text not null,
  contact_email text not null,
  gateway_address inet not null,
  routing text not null,
  customer_asn bigint,
  ranges cidr[] not null,
  device text not null,
  ike jsonb not null,
  ipsec jsonb not null,
  state text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version bigint not null default 1,
  unique (customer_id, gateway_address),
  unique (customer_id, customer_asn)
);
create index on connections (customer_id, created_at, id);

create table outside_addresses (
  address inet primary key,
  pool_id text not null references address_pools on delete cascade,
  connection_id text references connections,
  freed_at timestamptz
);
create index on outside_addresses (freed_at nulls first, address) where connection_id is null;
create index on outside_addresses (connection_id) where connection_id is not null;

-- Keys are encrypted (see Store/KeyRing.cs). next_key is the key that a rotation will put in the place of key.
create table tunnels (
  connection_id text not null references connections,
  number integer not null check (number in (1, 2)),
  customer_id text not null references customers,
  cloud_address inet not null unique references outside_addresses,
  inside_network cidr not null,
  node_id text references nodes,
  generation bigint not null default 1,
  key bytea not null,
  key_generation integer not null default 1,
  next_key bytea,
  med integer not null,
  primary key (connection_id, number),
  unique (customer_id, inside_network)
);
create index on tunnels (node_id, customer_id);

-- What nodes tell, apart from what is wanted: only reports write here, so that a report never waits for a change.
create table observations (
  connection_id text not null,
  number integer not null,
  node_id text not null,
  applied_generation bigint not null default 0,
  state text not null,
  observed jsonb not null,
  problem text,
  at timestamptz not null default now(),
  primary key (connection_id, number)
);

create table operations (
  id text primary key,
  customer_id text not null references customers on delete cascade,
  connection_id text not null,
  kind text not null,
  step text not null,
  tunnel integer,
  confirmed boolean not null default false,
  data jsonb not null default '{}',
  started_at timestamptz not null default now(),
  step_at timestamptz not null default now(),
  finished_at timestamptz
);
-- One change at a time for a customer, whoever asks and through whichever replica.
create unique index one_change_at_a_time on operations (customer_id) where finished_at is null;
create index on operations (connection_id, finished_at);

-- Readers go by transaction and number: a transaction that commits late never falls behind a reader.
create table events (
  id bigint generated always as identity primary key,
  transaction xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  kind text not null,
  customer_id text not null references customers on delete cascade,
  connection_id text,
  tunnel integer,
  cause text,
  text text not null
);
create index on events (customer_id, transaction, id);
create index on events (connection_id, id);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  customer_id text,
  target text,
  detail text,
  address text
);
create index on audit (customer_id, id);

create table outbox (
  id bigint generated always as identity primary key,
  customer_id text not null references customers on delete cascade,
  channel text not null,
  recipient text not null,
  subject text not null,
  body text not null,
  created_at timestamptz not null default now(),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  delivered_at timestamptz,
  abandoned_at timestamptz,
  last_error text
);
create index on outbox (next_attempt_at) where delivered_at is null and abandoned_at is null;

create table idempotency (
  scope text not null,
  key text not null,
  request_hash bytea not null,
  response bytea,
  created_at timestamptz not null default now(),
  primary key (scope, key)
);
create index on idempotency (created_at);
