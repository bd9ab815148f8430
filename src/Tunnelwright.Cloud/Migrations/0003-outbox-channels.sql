-- Mail that waits for a mail server to be configured is not walked through each time that a webhook is looked for.
drop index outbox_next_attempt_at_idx;
create index on outbox (channel, next_attempt_at) where delivered_at is null and abandoned_at is null;
