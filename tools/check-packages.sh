#!/usr/bin/env bash
# Packs the libraries, the tasks and the tool for one platform, and looks into the packages: what must be in them, what must not, how large they are.
# check-packages.sh [PLATFORM] [FOLDER]: linux-x64 and a folder that is deleted afterwards, where they aren't given.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
platform=${1:-linux-x64} out=${2:-}
if [ -z "$out" ]; then out=$(mktemp -d); trap 'rm -rf "$out"' EXIT; fi
failed=0

pack() { dotnet pack "$@" -c Release -o "$out" -v q -nologo; }
file() { ls "$out"/$1.[0-9]*.$2; }
# A machine may have the one or the other.
entries() { if command -v unzip > /dev/null; then unzip -Z1 "$1"; else python3 -c 'import sys, zipfile; print("\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))' "$1"; fi; }
nuspec() {
  if command -v unzip > /dev/null; then unzip -p "$1" '*.nuspec'
  else python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(next(z.read(n).decode() for n in z.namelist() if n.endswith(".nuspec")))' "$1"; fi
}
fail() { echo "FAILED: $1"; failed=1; }
# holds PACKAGE NAME…: the package has an entry that ends so.
holds() { local package=$1 name entries; entries=$(entries "$package"); shift; for name; do grep -qF -- "$name" <<< "$entries" || fail "$(basename "$package") has no $name"; done; }
# needs PACKAGE ID…: these are the packages that it depends on, and no others.
needs() {
  local package=$1 found; shift
  found=$(nuspec "$package" | sed -n 's/.*<dependency id="\([^"]*\)".*/\1/p' | sort -u | tr '\n' ' ')
  [ "$found" = "$(printf '%s\n' "$@" | sort -u | tr '\n' ' ')" ] || fail "$(basename "$package") depends on: $found"
}
# under PACKAGE BYTES: it is no larger.
under() { local size; size=$(stat -c %s "$1"); echo "$(basename "$1"): $size bytes"; [ "$size" -le "$2" ] || fail "$(basename "$1") is larger than $2 bytes"; }

pack src/Lamina
pack src/Lamina.Tasks
pack src/Lamina.Cli -r "$platform" -p:SelfContained=false

library=$(file Lamina nupkg)
for name in Tensors Formats Learning Models; do
  holds "$library" "lib/net10.0/Lamina.$name.dll" "lib/net10.0/Lamina.$name.xml" "lib/net10.0/Lamina.$name.pdb"
done
holds "$library" analyzers/dotnet/cs/Lamina.Generators.dll build/Lamina.props README.md
needs "$library" System.Numerics.Tensors
under "$library" 5000000

tasks=$(file Lamina.Tasks nupkg)
holds "$tasks" lib/net10.0/Lamina.Tasks.dll lib/net10.0/Lamina.Tasks.xml README.md
holds "$(file Lamina.Tasks snupkg)" lib/net10.0/Lamina.Tasks.pdb
needs "$tasks" Lamina Microsoft.Data.Sqlite Microsoft.ML.Tokenizers Parquet.Net SkiaSharp SkiaSharp.NativeAssets.Linux.NoDependencies
under "$tasks" 5000000

tool=$(ls "$out"/Lamina.Cli.*nupkg | grep -v snupkg | grep -F "$platform" || ls "$out"/Lamina.Cli.[0-9]*.nupkg)
holds "$tool" lamina.dll Lamina.Tensors.dll SkiaSharp.dll libSkiaSharp
under "$tool" 20000000
exit "$failed"
