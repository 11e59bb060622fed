#!/usr/bin/env bash
# image_test.sh - "make image-test": builds dockerfiles/Dockerfile for real and
# runs the image as its own user with its own entry point.  No container engine
# is needed, only root; tools/setup.sh --image installs the rest.
# Owns: var/image.  Not part of "make test": it takes ten minutes and 2 GB.
#
# Not run by it, for want of an engine: the compose files (their test is
# test/integration/compose.test.mjs, which needs none), the HEALTHCHECK as
# the engine would schedule it (its command is run), read_only, cap_drop and
# the other limits of compose.yaml, and Traefik.
#
#   IMAGE_BASE=DIR   a bookworm root that debootstrap has made already
#   IMAGE_BUILT=1    runs the image that the last run built
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'image-test: %s\n' "$*"; }
die() { printf 'image-test: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || die 'needs root (debootstrap, chroot)'
tools/setup.sh --image || die 'needs buildah, podman, debootstrap, curl, PostgreSQL 15 and util-linux (tools/setup.sh --image installs them on Debian)'

out=$PWD/var/image
mkdir -p "$out"
store=(--root "$out/store" --runroot "$out/run" --storage-driver vfs)
name=identity-services:test
base=$(sed -n 's/^ARG BASE=//p' dockerfiles/Dockerfile)
root=${IMAGE_BASE:-$out/root}
container=
service=
cleanup() {
	[ -z "$service" ] || kill -TERM "$service" 2>/dev/null || true
	[ -z "$container" ] || buildah "${store[@]}" rm "$container" >/dev/null 2>&1 || true
	CLUSTER_DIR=$out/pg tools/cluster.sh stop >/dev/null 2>&1 || true
}
trap cleanup EXIT

build() {
	if [ ! -x "$root/usr/bin/apt-get" ]; then
		read -r mirror < <(apt-get indextargets --format '$(SITE)' 'Created-By: Packages')
		say "debootstrap bookworm from $mirror"
		debootstrap --variant=minbase bookworm "$root" "$mirror" >"$out/debootstrap.log" 2>&1 ||
		    die "debootstrap failed ($out/debootstrap.log)"
		# Where packages come from is this machine's business.
		cp /etc/apt/sources.list "$root/etc/apt/" 2>/dev/null || true
		cp -r /etc/apt/sources.list.d /etc/apt/apt.conf.d "$root/etc/apt/" 2>/dev/null || true
	fi
	if ! podman "${store[@]}" image exists "docker.io/library/$base"; then
		say "import $base"
		tar -C "$root" -c . | podman "${store[@]}" import - "docker.io/library/$base" >/dev/null
	fi

	say 'build the image'
	buildah "${store[@]}" bud --format docker --isolation chroot --pull-never --layers \
	    -f dockerfiles/Dockerfile -t "$name" . >"$out/build.log" 2>&1 ||
	    { tail -30 "$out/build.log"; die "the build failed ($out/build.log)"; }
}
[ -n "${IMAGE_BUILT-}" ] || build

say 'what the image says of itself'
inspect() { buildah "${store[@]}" inspect --type image --format "$1" "$name"; }
[ "$(inspect '{{.OCIv1.Config.User}}')" = 10001:10001 ] || die 'it does not run as 10001'
[ "$(inspect '{{.OCIv1.Config.Entrypoint}}')" = '[/usr/bin/identityd]' ] || die 'another entry point'
inspect '{{.OCIv1.Config.Env}}' | grep -qiE 'password|master_key|secret' && die 'a secret is in its environment'

say 'start PostgreSQL and the service'
export CLUSTER_DIR=$out/pg
tools/cluster.sh stop >/dev/null 2>&1 || true
rm -rf "$out/pg"
tools/cluster.sh start --fast >/dev/null
url=$(tools/cluster.sh url)
port=$(shuf -i 20000-29999 -n 1)
data=$out/data
rm -rf "$data"
install -d -m 0700 -o 10001 -g 10001 "$data"
container=$(buildah "${store[@]}" from --pull-never "$name")
in_image() {
	buildah "${store[@]}" run --isolation chroot --user 10001:10001 \
	    --env IDENTITY_DATABASE_URL="$url" --env IDENTITY_HTTP_LISTEN="127.0.0.1:$port" \
	    --volume "$data:/var/lib/identity" "$container" -- /usr/bin/identityd "$@"
}
in_image serve >"$out/service.log" 2>&1 &
service=$!
for _ in $(seq 300); do
	curl -fs -o /dev/null --max-time 2 "http://127.0.0.1:$port/readyz" && break
	kill -0 "$service" 2>/dev/null || { tail -5 "$out/service.log" >&2; die 'the service ended'; }
	sleep 0.2
done

say 'health, whose process it is, a sign-in'
in_image healthcheck | grep -qx ready || die 'its own health check fails'
pid=$(cat "$data/run/identityd.pid")
[ "$(stat -c %u "/proc/$pid")" = 10001 ] || die 'it does not run as 10001'
[ "$(stat -c %a "$data/master.key" 2>/dev/null || stat -c %a "$data"/*key* | head -n 1)" = 600 ] ||
    die 'the master key is not private'
app=$(in_image app create --name Image --allow-ip 127.0.0.1)
key=$(in_image key create --app Image)
echo 'image test staple battery' | in_image user create --name 'Image Person' \
    --email image@example.org --app "$app" --password-stdin >/dev/null
curl -fsS "http://127.0.0.1:$port/auth/login" -H "X-Auth-Service-Key: $key" -H 'Content-Type: application/json' \
    -d '{"identifier":"image@example.org","password":"image test staple battery"}' |
    grep -q '"access_token"' || die 'the sign-in failed'

say 'stop'
started=$SECONDS
kill -TERM "$pid"
wait "$service" && code=0 || code=$?
service=
[ "$code" = 0 ] || { tail -5 "$out/service.log"; die "it ended with $code"; }
[ $((SECONDS - started)) -lt 40 ] || die 'stopping took longer than compose.yaml allows'
grep -qiE 'violation|gone|AddressSanitizer' "$out/service.log" && die 'its log has a failure'

size=$(du -sm "$(buildah "${store[@]}" mount "$container")" | cut -f1)
say "fine: the image has $size MB in all"
say 'not run: compose files, Traefik, limits of the engine'
