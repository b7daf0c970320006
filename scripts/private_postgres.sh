#!/bin/sh
# A PostgreSQL of our own for tests: own data folder, a socket instead of a port, the current user (or Debian's postgres
# when that is root, as the server refuses root). What is killed in tests is our program, never this server: it need
# not wait for the disk (fsync=off), which makes a database in a tenth of the time. Not for measurements.
#   private_postgres.sh start FOLDER   starts it when it does not run; prints its address for a database named postgres
#   private_postgres.sh stop FOLDER    ends it at once and removes the folder
set -eu
action=${1:?start or stop} folder=${2:?folder}
fail() { printf 'private_postgres: %s\n' "$*" >&2; exit 1; }
tools=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$tools" ] || fail "no PostgreSQL server: install Debian's package postgresql"
if [ "$(id -u)" -eq 0 ]; then
  as() { setpriv --reuid=postgres --regid=postgres --init-groups -- env HOME=/tmp "$@"; }
else
  as() { "$@"; }
fi

case $action in
  start)
    mkdir -p "$folder"
    exec 9>"$folder.lock"
    flock 9
    [ "$(id -u)" -eq 0 ] && chown postgres:postgres "$folder"
    cd "$folder"
    if [ ! -f "$folder/data/PG_VERSION" ]; then
      as "$tools/initdb" -D "$folder/data" -U qianda -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder.initdb" 2>&1 ||
        { cat "$folder.initdb" >&2; fail "initdb failed"; }
      cat >>"$folder/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$folder'
max_connections = 200
shared_buffers = 64MB
fsync = off
CONF
    fi
    as "$tools/pg_ctl" -D "$folder/data" status >/dev/null 2>&1 ||
      as "$tools/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 start >/dev/null 2>&1 9>&- ||
      { cat "$folder/log" >&2; fail "the server did not start"; }
    echo "host=$folder user=qianda dbname=postgres"
    ;;
  stop)
    [ -d "$folder/data" ] && as "$tools/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder" "$folder.lock" "$folder.initdb"
    ;;
  *) fail "unknown action $action" ;;
esac
