#!/bin/sh
# A Redis of our own for tests and measurements: own data folder, a socket instead of a port.
#   private_redis.sh start FOLDER   starts it when it does not run; prints its address
#   private_redis.sh stop FOLDER    ends it at once and removes the folder
set -eu
action=${1:?start or stop} folder=${2:?folder}
fail() { printf 'private_redis: %s\n' "$*" >&2; exit 1; }
ask() { redis-cli -s "$folder/socket" "$@" 2>/dev/null; }

case $action in
  start)
    command -v redis-server >/dev/null || fail "no Redis: install Debian's package redis-server"
    mkdir -p "$folder"
    exec 9>"$folder.lock"
    flock 9
    if [ "$(ask PING)" != PONG ]; then
      redis-server --port 0 --unixsocket "$folder/socket" --unixsocketperm 700 --dir "$folder" --appendonly yes \
        --appendfsync always --maxmemory-policy noeviction --daemonize yes --pidfile "$folder/pid" \
        --logfile "$folder/log" >/dev/null 9>&-
      for _ in $(seq 100); do
        [ "$(ask PING)" = PONG ] && break
        sleep 0.1
      done
      [ "$(ask PING)" = PONG ] || { cat "$folder/log" >&2; fail "the server did not start"; }
    fi
    echo "unix:$folder/socket"
    ;;
  stop)
    if [ -f "$folder/pid" ]; then
      pid=$(cat "$folder/pid")
      kill -KILL "$pid" 2>/dev/null || true
      # A dead one whose parent does not ask for it is dead, too.
      while grep -qs '^State:[[:space:]]*[^Z[:space:]]' "/proc/$pid/status"; do sleep 0.02; done
    fi
    rm -rf "$folder" "$folder.lock"
    ;;
  *) fail "unknown action $action" ;;
esac
