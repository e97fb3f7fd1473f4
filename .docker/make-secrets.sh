#!/bin/sh
# Makes what docker-compose.yml keeps secret, once: passwords that nobody knows, the URLs with them, and a certificate that nobody has
# signed, for a first try. Put your own in place of that one: certificate.pem, the chain first and the key behind it.
# Usage: .docker/make-secrets.sh [folder]
set -eu
folder=${1:-$(dirname "$0")/secrets}
if [ -e "$folder" ]; then
  echo "$folder is there already: secrets are made once. Remove it to begin anew, with an empty database." >&2
  exit 1
fi

# Nobody else on this computer gets through the folder. The files themselves can be read by all, as each container reads its own
# as another user.
umask 022
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

password() { openssl rand -hex 24; }
database=$(password)
redis=$(password)
# The owner of all databases; the servers use a role of their own.
password >postgres-password
# address <scheme> <password> <host, and what comes behind it>
address() { echo "$1://parley:$2@$3"; }
address postgresql "$database" postgres:5432/parley >database-url
address redis "$redis" redis:6379 >redis-url

# What the servers need of Redis, and no more; `health` may ask whether it is there.
hash=$(printf %s "$redis" | openssl dgst -sha256 -r | cut -d ' ' -f 1)
cat >redis-users.acl <<ACL
user default off
user health on nopass resetkeys resetchannels -@all +ping
user parley on #$hash ~parley:* &parley:* +@all -@admin -@dangerous +info
ACL

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.part -out certificate.part 2>/dev/null
cat certificate.part key.part >certificate.pem
rm key.part certificate.part
chmod 644 -- *
