#!/bin/sh
# What `make run` does once all is set up: everything in the background, live traffic in front, and
# an orderly end of both at Ctrl-C.

set -eu
cd "$(dirname "$0")/../.."

stop() {
    status=$?
    trap - EXIT
    .venv/bin/wangge down
    exit "$status"
}
trap stop EXIT
trap 'exit 0' INT TERM HUP # Ctrl-C is how it is meant to end

.venv/bin/wangge up --detach --city demo
.venv/bin/wangge traffic
