#!/bin/sh
# Prints the Python to use. Where the machine lacks something, it says what and how to get it, all
# at once, and ends with status 1. Needs nothing but a POSIX shell.

missing=0

lack() { # what it is, how to get it
    printf '  %s\n      -> %s\n' "$1" "$2" >&2
    missing=1
}

on_debian() { [ -f /etc/debian_version ]; }

system_package() { # Debian's name, Fedora's name
    if on_debian; then
        echo "apt-get install $1"
    else
        echo "install $1 (Debian, Ubuntu) or $2 (Fedora)"
    fi
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for name in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14; do
        if command -v "$name" >/dev/null 2>&1 && new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
}

has_library() { # libcurl.so.4
    "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null
}

check_linux() {
    glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2)
    major=${glibc%%.*}
    minor=${glibc#*.}
    if [ -z "$glibc" ] || [ "$major" -lt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -lt 34 ]; }; then
        lack "glibc 2.34 or newer (here: ${glibc:-another C library})" \
            "use Debian 12, Ubuntu 22.04, Fedora 35 or newer; or set WANGGE_MONGO to a MongoDB of your own"
    fi
    if [ "$(uname -m)" = x86_64 ] && ! grep -qw avx /proc/cpuinfo; then
        lack "a processor with AVX, which MongoDB needs" \
            "use another machine, or set WANGGE_MONGO to a MongoDB of your own"
    fi
    if [ -n "$python" ]; then
        has_library libcurl.so.4 ||
            lack "libcurl4, which MongoDB needs" "$(system_package libcurl4 libcurl)"
        has_library libssl.so.3 || lack "libssl3, which MongoDB needs" "$(system_package libssl3 openssl-libs)"
    fi
}

python=$(find_python)
if [ -z "$python" ]; then
    if [ "$(uname -s)" = Darwin ]; then
        lack "Python 3.11 or newer" "brew install python@3.12, or from python.org"
    else
        lack "Python 3.11 or newer" "$(system_package 'python3 python3-venv' python3)"
    fi
elif ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    lack "Python's module venv" "$(system_package python3-venv python3)"
fi
case $(uname -s) in
    Linux) [ -n "${WANGGE_MONGO:-}" ] || check_linux ;;
    Darwin) ;; # the wheels bring all they need
    *) lack "Linux or macOS (here: $(uname -s))" "on Windows use WSL 2" ;;
esac

if [ "$missing" -ne 0 ]; then
    echo "wangge: the above is missing on this machine  本机缺少以上组件" >&2
    exit 1
fi
echo "$python"
