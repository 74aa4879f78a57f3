#!/usr/bin/env bash
# Restores a backup of deploy/backup.sh into an empty database:
#
#   createdb chatdesk && PGHOST=… PGDATABASE=chatdesk PGUSER=… PGPASSFILE=… deploy/restore.sh FILE.dump
#
# The login is the one `chatdesk migrate` uses: it may make roles, and owns what it restores. Afterwards, before any service is started:
#   chatdesk migrate      with the SECRET_KEY of the backup: it gives the roles their passwords, and adds what newer migrations add
# A database that has anything in it is refused. It comes whole or not at all.
set -euo pipefail
file=${1:?the file to restore}
: "${PGDATABASE:?names the database}"
here=$(cd "$(dirname "$0")" && pwd)
[ -f "$file.sha256" ] || { echo "$file.sha256 is missing: nobody can tell whether the file is whole" >&2; exit 1; }
(cd "$(dirname "$file")" && sha256sum --check --quiet "$(basename "$file").sha256")

ask() { psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"; }

there=$(ask --command="
  select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
    and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
  union all
  select nspname from pg_namespace
  where nspname not in ('public', 'information_schema') and nspname not like 'pg\_%'
  limit 5")
[ -z "$there" ] || { echo "the database is not empty, it has ${there//$'\n'/, }, …: restore into a new one" >&2; exit 1; }

# Roles belong to the server and are in no backup of a database. A migration makes them, and the restored database has its migrations behind it.
roles=$(pg_restore --schema-only --file=- "$file" | sed -nE 's/^GRANT .* TO (cd_[a-z_]+);$/\1/p' | sort -u)
for role in $roles; do
  ask --command="do \$\$ begin
    create role $role login nosuperuser nobypassrls nocreatedb nocreaterole;
    exception when duplicate_object or unique_violation then null;
  end \$\$"
done

# From the backup to now things went on without this database, hence what follows it. A backup that ends too early ends in an error.
{
  pg_restore --no-owner --file=- "$file" || echo "select this_backup_is_cut_short;"
  cat "$here/restored.sql"
} | ask --single-transaction --output=/dev/null
ask --command=analyze
echo "restored. Now run: chatdesk migrate"
