#!/usr/bin/env bash
# setup.sh - makes this machine able to build, run and test the project.
# Owns: Debian packages and the npm modules of the tests.  Quick when all is
# there (no package manager is called).  Must not: touch an existing system
# PostgreSQL, or bring up one of its own.
#
#   setup.sh            everything
#   setup.sh --run      without what only tests and benchmarks need
#   setup.sh --image    what "make image-test" needs
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }

packages=(
	kore libjansson-dev libargon2-dev libcurl4-openssl-dev libssl-dev
	libpq-dev libutf8proc-dev libzxcvbn-dev liboath-dev libqrencode-dev
	zlib1g-dev libspng-dev libcsv-dev brotli
	libc6-dev dpkg-dev gcc make openssl
	postgresql-15 postgresql-contrib util-linux curl ca-certificates
)
if [ "${1-}" = --image ]; then
	packages=(postgresql-15 util-linux procps curl ca-certificates
	    buildah podman debootstrap)
elif [ "${1-}" != --run ]; then
	packages+=(libcmocka-dev clang libclang-rt-14-dev wrk git procps
	    chromium haproxy pngquant)
fi

not_installed() { # of these packages; one a line
	printf '%s\n' "$@" | grep -vxFf <(dpkg-query -W \
	    -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p') || true
}
node_is_fine() {
	command -v npm >/dev/null &&
	    node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 18 || (a == 18 && b >= 19) ? 0 : 1)' 2>/dev/null
}

mapfile -t missing < <(not_installed "${packages[@]}")
if [ -z "${1-}" ] && ! node_is_fine; then
	missing+=(nodejs npm)
fi

if [ ${#missing[@]} -gt 0 ]; then
	command -v apt-get >/dev/null || { say "needs Debian's packages: ${missing[*]}"; exit 1; }
	say "installing ${missing[*]}"
	sudo=
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || { say 'needs root or sudo to install them'; exit 1; }
		sudo=sudo
	fi
	# Debian's server package makes and starts a cluster of its own the first
	# time, unless told before.  An installed one stays as its owner has it.
	conf=/etc/postgresql-common/createcluster.conf
	if [ -n "$(not_installed postgresql-15)" ] && ! grep -qs '^create_main_cluster' $conf; then
		$sudo mkdir -p /etc/postgresql-common
		echo 'create_main_cluster = false' | $sudo tee -a $conf >/dev/null
	fi
	$sudo apt-get update -q
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
	    -o Dpkg::Options::=--force-confold "${missing[@]}"
fi

if [ -z "${1-}" ]; then
	# The stamp is the lock file itself: a changed one installs again.
	if ! cmp -s test/package-lock.json test/node_modules/.installed; then
		say 'npm ci in test/'
		(cd test && npm ci --loglevel=error)
		cp test/package-lock.json test/node_modules/.installed
	fi
fi
