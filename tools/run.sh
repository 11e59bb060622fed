#!/usr/bin/env bash
# run.sh - "make run": from a fresh checkout to a running service.
# Owns: the order of the steps, var/data, the demo's application, key and
# person.  Must not: be needed in production; "identityd serve" is.
#
#   PORT=8080 HTTPS_PORT=8443   the listeners, on 127.0.0.1
#   DEMO=1                      makes an application and a person to try it with
#   IDENTITY_*                  anything the service understands; with
#                               IDENTITY_DATABASE_URL no cluster is started
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*"; }

tools/setup.sh --run
make --no-print-directory

started_cluster=
if [ -z "${IDENTITY_DATABASE_URL-}${IDENTITY_DATABASE_URL_FILE-}" ]; then
	if ! tools/cluster.sh status >/dev/null 2>&1; then
		tools/cluster.sh start
		started_cluster=1
	fi
	IDENTITY_DATABASE_URL=$(tools/cluster.sh url)
	export IDENTITY_DATABASE_URL
fi
stop_cluster() { [ -z "$started_cluster" ] || tools/cluster.sh stop; }
trap stop_cluster EXIT

export IDENTITY_DATA_DIR=${IDENTITY_DATA_DIR:-$PWD/var/data}
export IDENTITY_HTTP_LISTEN=${IDENTITY_HTTP_LISTEN:-127.0.0.1:${PORT:-8080}}
export IDENTITY_HTTPS_LISTEN=${IDENTITY_HTTPS_LISTEN:-127.0.0.1:${HTTPS_PORT:-8443}}
url=http://$IDENTITY_HTTP_LISTEN
[ -n "${IDENTITY_PUBLIC_URL-}${IDENTITY_PUBLIC_URL_FILE-}" ] || export IDENTITY_PUBLIC_URL=$url
bin=build/identityd

$bin migrate

# The demo's secrets are shown once by the service, so they are kept in
# var/demo (mode 0600) and used as long as its application is in the database.
field() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" | head -n 1; }
make_demo() {
	local app key tag password email
	if [ -f var/demo ] && . ./var/demo && $bin app list --json | grep -qF "$DEMO_APP"; then
		return
	fi
	tag=$(od -An -N3 -tx1 /dev/urandom | tr -d ' \n')
	password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
	email=demo-$tag@example.org
	app=$($bin app create --name "Demo $tag" --allow-ip 127.0.0.1 --allow-ip ::1 --json | field id)
	key=$($bin key create --app "$app" --json | field key)
	printf '%s\n' "$password" |
	    $bin user create --name 'Demo Person' --email "$email" --app "$app" --password-stdin --json >/dev/null
	(umask 077; printf 'DEMO_APP=%s\nDEMO_KEY=%s\nDEMO_EMAIL=%s\nDEMO_PASSWORD=%s\n' \
	    "$app" "$key" "$email" "$password" >var/demo)
	. ./var/demo
}
[ "${DEMO-}" != 1 ] || make_demo

greeting() {
	say ''
	say "Identity Services at $url"
	[ "$IDENTITY_HTTPS_LISTEN" = off ] ||
	    say "                 and https://$IDENTITY_HTTPS_LISTEN (self-signed unless IDENTITY_TLS_CERT is set)"
	# Refused once there is one.
	if link=$($bin setup-link 2>/dev/null); then
		say "The first administrator is made at $link"
	fi
	if [ "${DEMO-}" = 1 ]; then
		cat <<-TEXT

		Sign the demo person in, as an application's server would:

		  curl -s $url/auth/login -H 'X-Auth-Service-Key: $DEMO_KEY' \\
		    -H 'Content-Type: application/json' \\
		    -d '{"identifier":"$DEMO_EMAIL","password":"$DEMO_PASSWORD"}'

		and ask who a token belongs to:

		  TOKEN=\$(curl -s $url/auth/login -H 'X-Auth-Service-Key: $DEMO_KEY' \\
		    -d 'identifier=$DEMO_EMAIL' -d 'password=$DEMO_PASSWORD' |
		    sed 's/.*"access_token":"\([^"]*\)".*/\1/')
		  curl -s $url/auth/session -H 'X-Auth-Service-Key: $DEMO_KEY' \\
		    -H "Authorization: Bearer \$TOKEN"

		TEXT
	fi
	say 'Ctrl-C stops it.'
}

$bin serve &
service=$!
stop() { kill -TERM "$service" 2>/dev/null || true; }
trap stop INT TERM
for _ in $(seq 200); do
	kill -0 "$service" 2>/dev/null || break
	if curl -fs -o /dev/null --max-time 2 "$url/readyz"; then
		greeting
		break
	fi
	sleep 0.1
done
# A trapped signal ends the first wait; the second sees the service's end.
wait "$service" && code=0 || code=$?
if kill -0 "$service" 2>/dev/null; then
	wait "$service" && code=0 || code=$?
fi
exit "$code"
