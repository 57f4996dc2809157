#!/usr/bin/env bash
# Build the wheel, install it into a fresh environment away from the checkout, start it, ask it three questions.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'kill $(cat "$folder/pid" 2>/dev/null) 2>/dev/null || true; rm -rf "$folder"' EXIT
.venv/bin/python -m pip --disable-pip-version-check wheel --quiet --no-deps -w "$folder" .
python=$(readlink -f .venv/bin/python)
"$python" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt "$folder"/socialshop-*.whl
cd "$folder"
port=$("$folder/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
SOCIALSHOP_INSTANCE="$folder/instance" PORT=$port "$folder/venv/bin/socialshop" up --no-demo >"$folder/log" 2>&1 &
echo $! >"$folder/pid"
ask() { "$folder/venv/bin/python" -c "
import sys, time, urllib.request
for _ in range(100):
    try:
        answer = urllib.request.urlopen('http://127.0.0.1:$port' + sys.argv[1], timeout=5); print(sys.argv[1], answer.status); break
    except OSError: time.sleep(0.2)
else: sys.exit('no answer from ' + sys.argv[1])" "$1" || { cat "$folder/log"; exit 1; }; }
ask /healthz
ask /readyz
ask /auth/sign-in
