#!/usr/bin/env bash
# Installs the programs that the end-to-end tests drive. What is there already
# is left alone. On other systems than Debian, install them by hand.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)

packages=()
command -v prometheus >/dev/null && command -v promtool >/dev/null || packages+=(prometheus)
command -v amtool >/dev/null || [ -x "$root/.tools/amtool" ] || packages+=(prometheus-alertmanager)
command -v prometheus-node-exporter >/dev/null || packages+=(prometheus-node-exporter)
command -v chromium >/dev/null || packages+=(chromium)
command -v systemd-analyze >/dev/null || packages+=(systemd)
command -v rsyslogd >/dev/null || packages+=(rsyslog)
[ -e /usr/share/doc/rsyslog-elasticsearch ] || packages+=(rsyslog-elasticsearch)
[ -e /usr/share/doc/rsyslog-openssl ] || packages+=(rsyslog-openssl)
command -v logger >/dev/null || packages+=(bsdutils)
[ -x /lib/systemd/systemd-journal-upload ] || packages+=(systemd-journal-remote)
if [ ${#packages[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "install.sh: install these by hand: ${packages[*]}" >&2
    exit 1
  fi
  sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo)
  # Only the programs are wanted: Debian would start the servers at once.
  policy=/usr/sbin/policy-rc.d
  made_policy=
  if [ "$(id -u)" = 0 ] && [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    made_policy=1
  fi
  "${sudo[@]}" apt-get -q -o DPkg::Lock::Timeout=300 update
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${packages[@]}"
  if [ -n "$made_policy" ]; then rm -f "$policy"; fi
fi

# Debian has either rsyslog or syslog-ng: this one stays beside the system.
syslogng=$root/.tools/syslog-ng
if [ ! -d "$syslogng" ]; then
  debs=$(mktemp -d)
  trap 'rm -rf "$debs"' EXIT
  (cd "$debs" && apt-get -q download syslog-ng-core libivykis0 libnet1 libpcre3 libwrap0)
  mkdir -p "$root/.tools"
  for deb in "$debs"/*.deb; do dpkg -x "$deb" "$debs/root"; done
  mv "$debs/root" "$syslogng"
fi

telemetrygen=$root/.tools/telemetrygen
if [ ! -x "$telemetrygen" ]; then
  GOBIN=$root/.tools GOFLAGS= go install github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@v0.161.0
fi

# What keeps dashboards as code, built where its module is: "go install" would
# ask for all versions there are.
if [ ! -x "$root/.tools/grr" ]; then
  grizzly=$(cd "$(mktemp -d)" && GOFLAGS= go mod download -json github.com/grafana/grizzly@v0.7.1 | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  (cd "$grizzly" && GOWORK=off GOFLAGS=-mod=readonly CGO_ENABLED=0 go build -o "$root/.tools/grr" ./cmd/grr)
fi

# The Prometheus whose code Oriel is made with, to compare answers. It cannot be
# installed by its path, since its go.mod replaces a module.
read -r version source < <(cd "$root" && go list -m -f '{{.Version}} {{.Dir}}' github.com/prometheus/prometheus)
prometheus=$root/.tools/prometheus-$version
if [ ! -x "$prometheus" ]; then
  release=$(sed -E 's/^v0\.([0-9]+)([0-9]{2})\./\1.\2./' <<<"$version") # v0.314.0 is the library of 3.14.0
  (cd "$source" && GOWORK=off GOFLAGS=-mod=readonly CGO_ENABLED=0 go build -tags remove_all_sd \
    -ldflags "-X github.com/prometheus/common/version.Version=$release" -o "$prometheus" ./cmd/prometheus)
fi
ln -sf "prometheus-$version" "$root/.tools/prometheus-3"

cd "$root/cmd/oriel/e2e/node"
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund --loglevel=error
