-- What a restored database must not believe of itself: between the backup and now messages were sent, answered and logged out of. Part of
-- deploy/restore.sh's transaction.

-- The owner of the tables is no tenant.
alter table inbox.messages no force row level security;
alter table inbox.conversations no force row level security;

-- What was about to be sent was sent, most likely. It is looked for at Meta like every message of which nobody knows, and sent only when it is
-- proven absent.
update inbox.messages set status = 'unknown', unknown_at = now(), sending_at = coalesce(sending_at, received_at)
where status in ('queued', 'sending');
-- Who was about to be answered was answered, or has waited for long: a person looks.
update inbox.conversations set reply_due_at = null, reply_first_at = null, status = 'needs_human' where reply_due_at is not null;

alter table inbox.messages force row level security;
alter table inbox.conversations force row level security;

-- What is to be done follows from the rows; the sweeper finds it. Mails were sent: who still needs one asks again.
delete from routing.due_work where kind in ('send', 'reply', 'mail');
update routing.due_work set lease_until = null, lease_epoch = lease_epoch + 1 where lease_until is not null;
-- A session that was ended meanwhile must not live again, nor a link that was used or revoked.
update routing.refresh_tokens set revoked_at = now() where revoked_at is null;
delete from routing.socket_tickets;
-- An older version's backup has none of these yet.
do $$
declare
    kept text;
begin
    foreach kept in array array['routing.mails', 'routing.invitation_tokens', 'routing.password_resets'] loop
        if to_regclass(kept) is not null then
            execute format('delete from %s', kept);
        end if;
    end loop;
end
$$;
