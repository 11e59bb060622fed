#!/usr/bin/env bash
# cluster.sh - a private PostgreSQL 15 cluster for development and for tests.
# Owns: var/pg and var/pg.{port,password,super,log}, or the same beside
# $CLUSTER_DIR.  Must not: touch the system's own clusters, listen anywhere
# but on 127.0.0.1, or need anything that a container does not have.
#
#   cluster.sh start [--fast]   makes it when missing; --fast: no fsync (tests)
#   cluster.sh stop
#   cluster.sh status           exit 0 when it runs
#   cluster.sh url [--super]    connection URI of the service's role (or of
#                               the superuser; for tests and for curiosity)
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
dir=${CLUSTER_DIR:-$top/var/pg}
case $dir in /*) ;; *) dir=$PWD/$dir ;; esac
data=$dir/data
pg_bin=
for d in /usr/lib/postgresql/15/bin "$(dirname "$(command -v postgres || true)")"; do
	[ -x "$d/initdb" ] && { pg_bin=$d; break; }
done

die() { printf 'cluster.sh: %s\n' "$*" >&2; exit 1; }

# PostgreSQL refuses to run as root.  Its account may not be allowed to walk
# to the checkout (a parent directory of mode 0700), so root opens the
# cluster's directory as descriptor 9 and the server reaches it through that:
# /proc/self/fd/9 leads straight to the directory, past its parents.  No
# capability is handed to the server for this.
account=
if [ "$(id -u)" = 0 ]; then
	id postgres >/dev/null 2>&1 || die 'no account "postgres" (tools/setup.sh installs PostgreSQL)'
	account=postgres
fi
as_server() { # command: with descriptor 9 on the cluster's directory
	if [ -n "$account" ]; then
		setpriv --reuid="$account" --regid="$account" --init-groups "$@"
	else
		"$@"
	fi 9<"$dir"
}
inside=/proc/self/fd/9

# The pid in postmaster.pid counts only while that process stands in our data
# directory: after a reboot the number may belong to anybody.
running_pid() {
	local pid
	[ -f "$data/postmaster.pid" ] || return 1
	read -r pid <"$data/postmaster.pid" || return 1
	case $pid in ''|*[!0-9]*) return 1 ;; esac
	[ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$(realpath "$data")" ] || return 1
	echo "$pid"
}

is_ready() {
	PGCONNECT_TIMEOUT=2 "$pg_bin/pg_isready" -q -h 127.0.0.1 -p "$(cat "$dir.port")"
}

# Below the range that the kernel gives to outgoing connections, so that
# nobody sits on it by chance after a restart.
port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() {
	local p
	for _ in $(seq 50); do
		p=$((20000 + (RANDOM * 32768 + RANDOM) % 10000))
		if port_is_free "$p"; then echo "$p"; return; fi
	done
	die 'no free port on 127.0.0.1'
}

secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

super_sql() {
	PGPASSWORD=$(cat "$dir.super") "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 \
	    -h 127.0.0.1 -p "$(cat "$dir.port")" -U postgres -d postgres "$@"
}

make_cluster() {
	rm -rf "$dir"
	mkdir -p "$(dirname "$dir")"
	mkdir -m 0700 "$dir"
	(umask 077; secret >"$dir.super"; secret >"$dir.password")
	cp "$dir.super" "$dir/pwfile"
	[ -z "$account" ] || chown -R "$account:" "$dir"
	as_server env LC_ALL=C "$pg_bin/initdb" -D "$inside/data" -U postgres \
	    -A scram-sha-256 --pwfile="$inside/pwfile" -E UTF8 --locale=C.UTF-8 \
	    --data-checksums --no-instructions >"$dir.log" 2>&1 ||
	    { cat "$dir.log" >&2; die 'initdb failed'; }
	rm -f "$dir/pwfile"
	cat >>"$data/postgresql.conf" <<-CONF
	# cluster.sh
	listen_addresses = '127.0.0.1'
	unix_socket_directories = ''
	max_connections = 200
	log_line_prefix = '%m [%p] '
	password_encryption = 'scram-sha-256'
	CONF
}

make_roles() { # once per cluster; a stop half-way is mended by the next start
	super_sql -v pw="$(cat "$dir.password")" <<-'SQL'
	select 'create role identity login createdb'
	where not exists (select from pg_roles where rolname = 'identity')\gexec
	alter role identity password :'pw';
	select 'create database identity owner identity'
	where not exists (select from pg_database where datname = 'identity')\gexec
	SQL
	: >"$dir.ready"
}

start_once() {
	local opts=(-c "port=$(cat "$dir.port")")
	[ "${1-}" != --fast ] || opts+=(-c fsync=off -c synchronous_commit=off -c full_page_writes=off)
	# 200>&-: the server must not keep our lock.
	as_server env LC_ALL=C "$pg_bin/pg_ctl" -s -w -t 60 -D "$inside/data" \
	    -o "${opts[*]}" start >>"$dir.log" 2>&1 </dev/null 200>&-
}

start() {
	[ -n "$pg_bin" ] || die 'PostgreSQL 15 is not installed (tools/setup.sh)'
	mkdir -p "$(dirname "$dir")"
	exec 200>"$dir.lock"
	flock 200
	if running_pid >/dev/null && is_ready; then return; fi
	[ -f "$data/PG_VERSION" ] && [ -f "$dir.super" ] || { rm -f "$dir.ready"; make_cluster; }
	running_pid >/dev/null || rm -f "$data/postmaster.pid"
	[ -f "$dir.port" ] || free_port >"$dir.port"
	for _ in 1 2 3 4 5; do
		if start_once "${1-}"; then
			[ -f "$dir.ready" ] || make_roles
			return
		fi
		sleep 1		# children of a killed server may still be leaving
		port_is_free "$(cat "$dir.port")" || free_port >"$dir.port"
	done
	tail -n 20 "$dir.log" >&2
	die 'PostgreSQL does not start'
}

stop() {
	running_pid >/dev/null || { rm -f "$data/postmaster.pid" 2>/dev/null || true; return 0; }
	as_server env LC_ALL=C "$pg_bin/pg_ctl" -s -w -t 60 -D "$inside/data" -m fast stop >>"$dir.log" 2>&1
}

case ${1-} in
start)	start "${2-}" ;;
stop)	stop ;;
status)
	if pid=$(running_pid) && is_ready; then
		echo "running, pid $pid, 127.0.0.1:$(cat "$dir.port")"
	else
		echo 'not running'
		exit 1
	fi ;;
url)
	[ -f "$dir.ready" ] || die 'not made yet: cluster.sh start'
	if [ "${2-}" = --super ]; then
		echo "postgres://postgres:$(cat "$dir.super")@127.0.0.1:$(cat "$dir.port")/postgres"
	else
		echo "postgres://identity:$(cat "$dir.password")@127.0.0.1:$(cat "$dir.port")/identity"
	fi ;;
*)	die 'usage: cluster.sh start [--fast] | stop | status | url [--super]' ;;
esac
