#!/bin/bash
# Runs once, on an empty volume: a role that owns its one schema, and nothing else (docs/operations.md). Its password is in the URL
# that the servers are given.
set -euo pipefail
url=$(<"${DATABASE_URL_FILE:-/run/secrets/database-url}")
password=${url#*://parley:}
password=${password%%@*}

run() { psql --set ON_ERROR_STOP=1 --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" "$@"; }
run --dbname postgres --set password="$password" <<'SQL'
CREATE ROLE parley LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
CREATE DATABASE parley;
REVOKE ALL ON DATABASE parley FROM PUBLIC;
GRANT CONNECT, CREATE ON DATABASE parley TO parley;
SQL
run --dbname parley <<'SQL'
ALTER SCHEMA public OWNER TO parley;
SQL
