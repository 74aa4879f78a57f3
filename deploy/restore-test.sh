#!/usr/bin/env bash
# Proves that a backup restores: a demo shop lives for a moment on one server, is backed up, and comes back on another that has nothing, not
# even the roles.  deploy/restore-test.sh target/debug/chatdesk
set -euo pipefail
chatdesk=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
# Two servers of its own, one within the other.
if [ -z "${FROM:-}" ]; then
  [ -n "${TEST_DATABASE_URL:-}" ] || exec "$chatdesk" with-postgres -- "$here/restore-test.sh" "$chatdesk"
  FROM=$TEST_DATABASE_URL exec "$chatdesk" with-postgres -- "$here/restore-test.sh" "$chatdesk"
fi
TO=$TEST_DATABASE_URL
export PATH=$POSTGRES_BIN:$PATH PGDATABASE=postgres SECRET_KEY=a-secret-for-this-test-of-more-than-32-characters
export BACKUP_PASSWORD=only-for-this-test
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "restore: $1" >&2; exit 1; }
at() { # a server's URL
  [[ $1 =~ ^postgres://([^:]+):([^@]+)@([^:]+):([0-9]+)/ ]] || fail "no such URL"
  export PGUSER=${BASH_REMATCH[1]} PGPASSWORD=${BASH_REMATCH[2]} PGHOST=${BASH_REMATCH[3]} PGPORT=${BASH_REMATCH[4]}
  export DATABASE_URL=${1%/*}/chatdesk
}
ask() { psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --dbname=chatdesk "$@"; }

at "$FROM"
createdb chatdesk
psql --no-psqlrc --quiet --file="$here/backup-role.sql"
(cd "$work" && CHATDESK_HOME=$work GATEWAY_ADDR=127.0.0.1:0 GRPC_ADDR=127.0.0.1:0 METRICS_ADDR=127.0.0.1:0 SANDBOX_ADDR=127.0.0.1:0 RUST_LOG=warn \
  exec "$chatdesk" run --sandbox) >"$work/log" 2>&1 &
running=$!
python3 - "$work/run.json" "$running" <<'EOS' || { tail -5 "$work/log"; fail "the demo shop answered nobody"; }
import json, os, sys, time, urllib.request

def until(what, seconds=120):
    for _ in range(seconds * 10):
        os.kill(int(sys.argv[2]), 0)
        found = what()
        if found:
            return found
        time.sleep(0.1)
    sys.exit("nothing came")

def call(path, body=None):
    request = urllib.request.Request(run["sandbox_url"] + path, json.dumps(body).encode() if body else None, {"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=10))

run = until(lambda: os.path.exists(sys.argv[1]) and json.load(open(sys.argv[1])))
page = run["pages"][0]
call(f"/sandbox/customers/{page['customer_ids'][0]}/messages", {"page_id": page["page_id"], "text": "Áo thun giá bao nhiêu?"})
until(lambda: call("/sandbox/sent")["items"])
EOS
kill "$running" && wait "$running" || fail "the demo shop did not stop well"
# As if the backup had come in between.
mail=00000000-0000-7000-8000-000000000001
ask --command="update inbox.messages set status = 'queued' where id = (select id from inbox.messages where sender_type = 'ai' limit 1)" \
  --command="update inbox.conversations set reply_first_at = now(), reply_due_at = now() where id = (select id from inbox.conversations limit 1)" \
  --command="insert into routing.mails (id, sealed, expires_at) values ('$mail', 'sealed', now() + interval '1 day')" \
  --command="insert into routing.due_work (kind, tenant_id, entity_id, due_at) values ('mail', '00000000-0000-0000-0000-000000000000', '$mail', now())" \
  --command="insert into routing.invitation_tokens (token_hash, tenant_id, invitation_id, expires_at)
    select 'a hash', tenant_id, '$mail', now() + interval '7 days' from routing.tenants limit 1" \
  --command="insert into routing.password_resets (token_hash, user_id, email_hash, expires_at) values ('a hash', '$mail', 'a hash', now() + interval '30 minutes')"

# Who is held by row security makes no backup, rather than one without rows.
ask --command="alter role cd_inbox password 'known'"
PGUSER=cd_inbox PGPASSWORD=known PGDATABASE=chatdesk "$here/backup.sh" "$work" >/dev/null 2>&1 &&
  fail "a service's role made a backup"
file=$(PGUSER=chatdesk_backup PGPASSWORD=$BACKUP_PASSWORD PGDATABASE=chatdesk "$here/backup.sh" "$work/backups")
[ "$(find "$work" -name 'chatdesk-*.dump*' | wc -l)" = 2 ] || fail "something was left behind"
PGUSER=chatdesk_backup PGPASSWORD=$BACKUP_PASSWORD ask --command="delete from routing.socket_tickets" 2>/dev/null && fail "the backup's role can write"

rows() { # of every table a line: its name, its rows, and a sum of what is in them
  ask --command="select format('select %L, count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) from %s t;', oid::regclass, oid::regclass)
    from pg_class where relkind = 'r' and relnamespace::regnamespace::text in ('app', 'routing', 'tenants', 'inbox', 'catalog', 'public')
    order by oid::regclass::text" | ask
}
# Tokens that guard a dump against its own content differ each time.
structure() { pg_dump --schema-only --dbname=chatdesk | grep -v '^\\\(un\)\?restrict '; }
roles() { ask --command="select rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname like 'cd\_%' order by 1"; }
rows >"$work/rows.from" && structure >"$work/structure.from" && roles >"$work/roles.from"

at "$TO"
createdb chatdesk
export PGDATABASE=chatdesk
cp "$file" "$work/damaged.dump" && printf x >>"$work/damaged.dump"
sed "s/chatdesk-.*/damaged.dump/" "$file.sha256" >"$work/damaged.dump.sha256"
"$here/restore.sh" "$work/damaged.dump" >/dev/null 2>&1 && fail "a damaged backup was restored"
"$here/restore.sh" "$file" >/dev/null
"$here/restore.sh" "$file" >/dev/null 2>&1 && fail "it was restored over what is there"
"$chatdesk" migrate >/dev/null

rows >"$work/rows.to" && structure >"$work/structure.to" && roles >"$work/roles.to"
diff "$work/structure.from" "$work/structure.to" || fail "tables, policies or grants differ"
diff "$work/roles.from" "$work/roles.to" || fail "roles differ"
# What deploy/restored.sql changes is looked at below.
changed='^(inbox.messages|inbox.conversations|routing.due_work|routing.refresh_tokens|routing.socket_tickets|routing.mails|routing.invitation_tokens|routing.password_resets)\|'
diff <(grep -vE "$changed" "$work/rows.from") <(grep -vE "$changed" "$work/rows.to") || fail "rows differ"
count() { grep -E '^inbox\.(messages|conversations)\|' "$1" | cut -d'|' -f1,2; }
diff <(count "$work/rows.from") <(count "$work/rows.to") || fail "messages or conversations are missing"
left=$(ask --command="select (select count(*) from inbox.messages where status in ('queued', 'sending')),
  (select count(*) from inbox.messages where status = 'unknown'),
  (select count(*) from inbox.conversations where reply_due_at is not null), (select count(*) from inbox.conversations where status = 'needs_human') > 0,
  (select count(*) from routing.refresh_tokens where revoked_at is null)")
[ "$left" = "0|1|0|t|0" ] || fail "it would send or answer what is past: $left"
left=$(ask --command="select (select count(*) from routing.mails), (select count(*) from routing.due_work where kind = 'mail'),
  (select count(*) from routing.invitation_tokens), (select count(*) from routing.password_resets)")
[ "$left" = "0|0|0|0" ] || fail "mails would be sent again, or links work again: $left"
# Each role logs in with the password that follows from the secret, and is held by row security.
"$chatdesk" doctor >"$work/doctor" || { cat "$work/doctor"; fail "it cannot be used"; }
grep -c "can log in and is held by row security" "$work/doctor" | grep -qx 3 || fail "a role cannot log in"
echo "restored: $(awk -F'|' '{ rows += $2 } END { print NR " tables, " rows " rows" }' "$work/rows.to")"
