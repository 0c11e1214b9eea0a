#!/usr/bin/env bash
# Writes PublicAPI.Unshipped.txt of the libraries anew from the warnings of the analyzers: what is missing is added (RS0016), what is gone is
# taken out (RS0017). Read the difference before you commit it: it is the change of the public API.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for library in Tensors Formats Learning Models; do
  file=src/Lamina.$library/PublicAPI.Unshipped.txt
  # touch: an up-to-date project isn't compiled again, and then warns of nothing.
  touch "$file"
  dotnet build "src/Lamina.$library" --no-dependencies -v q -nologo > "$log" || { cat "$log"; exit 1; }
  missing=$(sed -n "s/^.*: warning RS0016: Symbol '\(.*\)' is not part of the declared public API.*$/\1/p" "$log" | sort -u)
  gone=$(sed -n "s/^.*: warning RS0017: Symbol '\(.*\)' is part of the declared API, but .*$/\1/p" "$log" | sort -u)
  {
    echo '#nullable enable'
    { grep -v -e '^#nullable' -e '^$' "$file" | grep -vxF -f <(printf '%s\n' "$gone" | sed '/^$/d') || true; printf '%s\n' "$missing"; } | sed '/^$/d' | LC_ALL=C sort -u
  } > "$file.new"
  mv "$file.new" "$file"
  echo "$file: $(printf '%s' "$missing" | grep -c . || true) added, $(printf '%s' "$gone" | grep -c . || true) removed"
done
