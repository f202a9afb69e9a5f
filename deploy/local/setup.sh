#!/bin/sh
# Prepares .venv from the lock, installs this checkout in it, fetches Kafka's jars and lets it start
# once for all. Does nothing where nothing has changed since the last time.

set -eu
cd "$(dirname "$0")/../.."

python=$(sh deploy/local/doctor.sh)
key=$("$python" - requirements.lock pyproject.toml deploy/local/kafka.lock \
    deploy/local/setup.sh <<'PY'
import hashlib, pathlib, sys
print(hashlib.sha256(b"".join(pathlib.Path(p).read_bytes() for p in sys.argv[1:])).hexdigest())
PY
)
stamp=.venv/wangge-setup
if [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

say() { printf '\n== %s\n' "$1"; }

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    [ -n "${PYTHON:-}" ] || python=$(sh deploy/local/faster.sh "$python")
    say "1/4 Python environment .venv with $python  创建 Python 环境"
    rm -rf .venv
    "$python" -m venv .venv
fi

say "2/4 $(grep -c '==' requirements.lock) locked packages, some 350 MB  安装锁定的依赖"
.venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock

say "3/4 this checkout  安装本项目"
.venv/bin/python -m pip install --disable-pip-version-check --quiet \
    --no-deps --no-build-isolation --no-index -e .

say "4/4 Kafka's jars, 45 MB, and its first start  下载并预热 Kafka"
if [ -n "${WANGGE_KAFKA:-}" ] || [ -n "${WANGGE_KAFKA_HOME:-}" ]; then
    echo "not needed: WANGGE_KAFKA or WANGGE_KAFKA_HOME is set"
else
    .venv/bin/python -m deploy.local.jars
    .venv/bin/python -m deploy.local.warm
fi
echo "$key" >"$stamp"
say "ready: .venv/bin/wangge --help  就绪"
