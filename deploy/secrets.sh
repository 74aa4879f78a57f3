#!/usr/bin/env bash
# Makes what each process of an installation may know, and nothing more, out of one file of settings:
#
#   deploy/secrets.sh [settings (deploy/.env)] [folder (deploy/secrets)]
#
#   NAME.env              the variables of gateway, tenants, inbox, catalog, ai and migrate, as a file `.env` of their working folder
#   tls/                  an authority of the installation's own, and a certificate for each of its servers
#   nats.conf             who may connect to NATS
#   secret_key, …         what was made because it was not given. Keep secret_key: a backup is worth nothing without it
#
# A second run keeps every secret that is there, so it is also how a changed setting gets to its process. It needs openssl 3 and the
# binary, or CHATDESK='docker run --rm -e SECRET_KEY chatdesk:0.1.0'.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
settings=${1:-$here/.env}
folder=${2:-$here/secrets}
chatdesk=${CHATDESK:-chatdesk}
[ -f "$settings" ] || { echo "no $settings: copy compose.env.example to it and fill it in" >&2; exit 1; }
# Only the owner gets into the folder. Within it everybody may read, because a container's user is another one.
umask 022
mkdir -p "$folder/tls"
chmod 700 "$folder"

setting() { # name: its value in the settings, without quotes
  sed -n "s/^$1=//p" "$settings" | tail -n 1 | sed "s/^[\"']//; s/[\"']\$//"
}

kept() { # name: a secret that is made once
  [ -s "$folder/$1" ] || printf 'k%s\n' "$(openssl rand -hex 32)" >"$folder/$1"
  cat "$folder/$1"
}

given=$(setting SECRET_KEY)
[ -z "$given" ] || printf '%s\n' "$given" >"$folder/secret_key"
SECRET_KEY=$(kept secret_key)
export SECRET_KEY
database=$(setting DATABASE_URL)
# Compose's own.
[ -n "$database" ] || database=postgres://postgres:$(kept postgres_password)@postgres:5432/chatdesk
kept backup_password >/dev/null

# The login of a data service: DATABASE_URL with its role and the password that `chatdesk migrate` gives it (platform/src/keys.rs).
role_url() { # role
  local password
  password=$(openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt "key:$SECRET_KEY" -kdfopt salt:chatdesk.v1 \
    -kdfopt "info:database role $1" -binary HKDF | od -An -v -tx1 | tr -d ' \n')
  printf '%s\n' "$database" | sed -E "s#^([a-z]+://)([^@/]*@)?#\1$1:$password@#"
}

# A process's own private key and the others' public ones.
keys=$(cd / && $chatdesk keys)
own_keys() { # name
  printf '%s\n' "$keys" | awk -v name="# $1" '/^#/ { ours = $0 == name } ours && /=/'
}

pass() { # names of settings that are handed on when they are set
  local name value
  for name in "$@"; do
    value=$(setting "$name")
    # Within quotes no character of it means anything.
    [ -z "$value" ] || printf "%s='%s'\n" "$name" "$value"
  done
}

number=0
write() { # name, further lines
  number=$((number + 1))
  {
    own_keys "$1"
    # On one machine without containers each needs a port of its own; the image sets another address, which wins.
    printf 'METRICS_ADDR=127.0.0.1:%d\n' $((9090 + number))
    [ -z "${2:-}" ] || printf '%s\n' "$2"
    pass RUST_LOG LOG_FORMAT OTEL_EXPORTER_OTLP_ENDPOINT
    case $1 in
      gateway) pass ACCESS_TOKEN_KEY PUBLIC_URL ALLOWED_ORIGINS TRUSTED_PROXIES AUTH_PER_MINUTE FB_APP_SECRET FB_VERIFY_TOKEN IG_APP_SECRET ;;
      tenants) pass ENCRYPTION_KEY SEALING_KEY FB_APP_ID FB_APP_SECRET IG_APP_ID IG_APP_SECRET GRAPH_BASE_URL INSTAGRAM_BASE_URL GRAPH_VERSION FB_DIALOG_URL \
        IG_OAUTH_URL CHANNEL_CHECK_MS DAILY_TOKEN_BUDGET MODEL_PRICES SMTP_URL MAIL_FROM PUBLIC_URL DB_CONNECTIONS ;;
      inbox) pass FB_APP_ID IG_APP_ID QUIET_WINDOW_MS QUIET_CAP_MS LEASE_MS SETTLE_WAIT_MS SETTLE_READ_MS SETTLE_GIVE_UP_MS RECONCILE_MS \
        SENDER_ACTIONS AI_PAUSE_MS SWEEP_MS EVENT_POLL_MS DB_CONNECTIONS ;;
      catalog) pass DB_CONNECTIONS ;;
      ai) pass GROQ_API_KEY GROQ_MODEL GROQ_BASE_URL ;;
    esac
  } >"$folder/$1.env"
}

nats=$(setting NATS_URL)
nats_url() { # user
  printf "NATS_URL='%s'" "${nats:-tls://$1:$(kept "nats_$1_password")@nats:4222}"
}
write gateway "$(nats_url gateway)"
write tenants "TENANTS_DATABASE_URL='$(role_url cd_tenants)'"
write inbox "INBOX_DATABASE_URL='$(role_url cd_inbox)'
$(nats_url inbox)"
write catalog "CATALOG_DATABASE_URL='$(role_url cd_catalog)'"
write ai
# For `chatdesk migrate`, `admin`, `token` and `doctor`: whoever has this file has everything.
{
  printf "DATABASE_URL='%s'\nSECRET_KEY='%s'\n" "$database" "$SECRET_KEY"
  pass RUST_LOG ENCRYPTION_KEY SEALING_KEY PUBLIC_URL FB_APP_SECRET FB_VERIFY_TOKEN GROQ_API_KEY GRAPH_BASE_URL INSTAGRAM_BASE_URL GROQ_BASE_URL
} >"$folder/migrate.env"

sed "s/GATEWAY_PASSWORD/$(kept nats_gateway_password)/; s/INBOX_PASSWORD/$(kept nats_inbox_password)/" "$here/nats.conf" >"$folder/nats.conf"

# Certificates last two years; delete one and run this again to renew it.
tls=$folder/tls
if [ ! -s "$tls/ca.key" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 3650 -subj "/CN=ChatDesk's own authority" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \
    -keyout "$tls/ca.key" -out "$tls/ca.crt" 2>/dev/null
  chmod 600 "$tls/ca.key"
fi
for name in tenants inbox catalog ai nats; do
  [ ! -s "$tls/$name.crt" ] || continue
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=$name" -keyout "$tls/$name.key" -out "$tls/$name.csr" 2>/dev/null
  openssl x509 -req -in "$tls/$name.csr" -CA "$tls/ca.crt" -CAkey "$tls/ca.key" -days 730 -out "$tls/$name.crt" 2>/dev/null \
    -extfile <(printf 'subjectAltName=DNS:%s,DNS:localhost\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n' "$name")
  rm "$tls/$name.csr"
  chmod 644 "$tls/$name.key"
done
echo "made $folder: keep a copy of it away from the backups"
