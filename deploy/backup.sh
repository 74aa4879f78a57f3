#!/usr/bin/env bash
# Writes one backup of the database, with its checksum, into a folder:
#
#   PGHOST=… PGDATABASE=chatdesk PGUSER=chatdesk_backup PGPASSFILE=… deploy/backup.sh FOLDER
#
# The login is the one of deploy/backup-role.sql: services and owners see no tenant's rows, and pg_dump refuses them. pg_dump must not be older
# than the server. With KEEP_DAYS set, older backups of the folder go after the new one is complete. What is in a backup is as secret as the
# database: keep it encrypted, elsewhere, and the SECRET_KEY somewhere else again.
set -euo pipefail
folder=${1:?the folder to write to}
: "${PGDATABASE:?names the database}"
umask 077
mkdir -p "$folder"
cd "$folder"
name=chatdesk-$(date -u +%Y%m%dT%H%M%SZ).dump
trap 'rm -f "$name.part"' EXIT

# One snapshot, and nobody waits for it. Whoever makes tables may be waited for, but not for long.
pg_dump --format=custom --no-password --lock-wait-timeout=30s --file="$name.part"
# A file that can be read to its end; what is in it is proven by restoring it, now and then.
pg_restore --file=/dev/null "$name.part"
mv "$name.part" "$name"
sha256sum "$name" >"$name.sha256"

if [ -n "${KEEP_DAYS:-}" ]; then
  find . -maxdepth 1 -name 'chatdesk-*.dump*' -mtime "+$KEEP_DAYS" -delete
fi
echo "$folder/$name"
