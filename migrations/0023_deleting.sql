-- `deleting` waits for `delete_after`, and is taken back to what it was before; `deleted` is being done, or done. The row stays, so that the
-- audit of a business that is gone has its place.
alter table routing.tenants
    drop constraint tenants_state_check,
    add constraint tenants_state_check check (state in ('active', 'suspended', 'deleting', 'deleted')),
    add column delete_after timestamptz,
    add column deletion_requested_at timestamptz,
    add column deletion_requested_by uuid,
    add column state_before text check (state_before in ('active', 'suspended')),
    add constraint tenants_deleting_check
        check (state <> 'deleting' or (delete_after is not null and state_before is not null));
create index tenants_deleting on routing.tenants (delete_after) where state = 'deleting';
