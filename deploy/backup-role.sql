-- The role that backups are made as: it reads everything, row security or not, and changes nothing. Run once per server by a superuser, for
-- only one who bypasses row security may make another who does; that is why no migration makes it.
--   BACKUP_PASSWORD=… psql --file deploy/backup-role.sql
-- Running it again sets the password anew. Without BACKUP_PASSWORD the password is read from where containers keep secrets.
\set ON_ERROR_STOP on
\getenv password BACKUP_PASSWORD
\if :{?password}
\else
\set password `cat /run/secrets/backup_password`
\endif

select not exists (select from pg_roles where rolname = 'chatdesk_backup') as missing \gset
\if :missing
create role chatdesk_backup;
\endif
alter role chatdesk_backup with login nosuperuser nocreatedb nocreaterole noreplication bypassrls connection limit 3 password :'password';
alter role chatdesk_backup set default_transaction_read_only = on;
-- Every table and sequence there is, and those that later migrations make.
grant pg_read_all_data to chatdesk_backup;
