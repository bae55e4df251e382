#!/bin/sh
# Once, when PostgreSQL begins: a role and a database of that name for the site, and for the keys.
set -eu
for name in newsroom newsroom_keys; do
  case $name in newsroom) file=DATABASE_PASSWORD ;; *) file=KEYS_DATABASE_PASSWORD ;; esac
  psql -v ON_ERROR_STOP=1 -v name="$name" -v password="$(cat "${SECRETS:-/run/secrets}/$file")" -q -d postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
