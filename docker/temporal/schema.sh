#!/bin/sh
# Makes Temporal's two databases, or brings them up to the version of these tools. Safe to repeat.
# SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER and SQL_PASSWORD, or a file with that in SQL_PASSWORD_FILE, tell temporal-sql-tool where.
set -eu

if [ -n "${SQL_PASSWORD_FILE:-}" ]; then SQL_PASSWORD=$(cat "$SQL_PASSWORD_FILE"); fi
export SQL_PASSWORD

prepare() {
  temporal-sql-tool --database "$1" create-database
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-name "postgresql/v12/$2"
}

prepare temporal temporal
prepare temporal_visibility visibility
