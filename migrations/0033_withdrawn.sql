-- An export that somebody was forgotten from is taken away; that is no failure.
alter table routing.export_shares
    drop constraint export_shares_state_check,
    add constraint export_shares_state_check check (state in ('running', 'ready', 'failed', 'withdrawn'));
