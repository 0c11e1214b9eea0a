#!/usr/bin/env bash
# Records libtorch's values again for tests/Lamina.Conformance. linux-x64 with glibc (Debian 12 and newer, and the like).
#   tools/record.sh [FOLDER]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dotnet build "$root/tools/Lamina.Recorder" --configuration Release --verbosity quiet
dotnet "$root/tools/Lamina.Recorder/bin/Release/net10.0/linux-x64/Lamina.Recorder.dll" \
    "${1:-$root/tests/Lamina.Conformance/Recorded}"
