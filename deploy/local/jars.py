"""Kafka's jars: fetched once from Maven Central by exact coordinates, each checked by its sum.

``kafka.lock`` beside this module names them. A maintainer makes a new one from
``mvn dependency:list`` and the sums of the jars themselves. ``python -m deploy.local.jars`` fetches
what is missing, so that every later start needs no network.
"""

import hashlib
import logging
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from jgo.maven import MavenContext

from deploy.local import lock, paths
from deploy.local.errors import StackError

LOCK = Path(__file__).with_name("kafka.lock")
AT_ONCE = 8
ATTEMPTS = 3
TIMEOUT_SECONDS = 30

Progress = Callable[[int, int], None]
"""Called with the number of jars that are there and the number of all."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock: ``group:artifact:version sha256:<hex>``."""

    group: str
    artifact: str
    version: str
    sha256: str

    def path(self, repository: Path) -> Path:
        """Where the jar lies in a Maven repository folder."""
        folder = repository.joinpath(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.jar"


def locked(path: Path = LOCK) -> list[Jar]:
    """The jars that the lock names."""
    return list(_parse(path.read_text(encoding="utf-8")))


def _parse(text: str) -> Iterator[Jar]:
    for line in text.splitlines():
        coordinates, digest = line.split()
        group, artifact, version = coordinates.split(":")
        yield Jar(group, artifact, version, digest.removeprefix("sha256:"))


def repository() -> Path:
    """The Maven repository folder of the stack; never the user's own."""
    return paths.cache() / "maven"


def sound(jar: Jar, folder: Path) -> bool:
    """Whether the jar is there and is the one that the lock means."""
    path = jar.path(folder)
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


def ensure(progress: Progress | None = None, folder: Path | None = None) -> list[Path]:
    """Fetch the jars that are missing or damaged, eight at a time; give the paths of all.

    Raises:
        StackError: one cannot be had, or is not what the lock says.
    """
    where = folder or repository()
    jars = locked()
    with lock.hold(where.with_name(f"{where.name}.lock")):  # two starts share one download
        missing = [jar for jar in jars if not sound(jar, where)]
        if missing:
            _fetch_all(missing, where, len(jars), progress)
    return [jar.path(where) for jar in jars]


def _fetch_all(missing: list[Jar], where: Path, total: int, progress: Progress | None) -> None:
    logging.getLogger("jgo").setLevel(logging.ERROR)
    context = MavenContext(repo_cache=where, timeout=TIMEOUT_SECONDS)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        fetches = [pool.submit(_fetch, context, jar, where) for jar in missing]
        for done, fetch in enumerate(as_completed(fetches), total - len(missing) + 1):
            fetch.result()
            if progress is not None:
                progress(done, total)


def _fetch(context: MavenContext, jar: Jar, folder: Path) -> None:
    reason = "its sha256 is not the locked one"
    for _ in range(ATTEMPTS):
        jar.path(folder).unlink(missing_ok=True)
        try:
            context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
        except (OSError, RuntimeError) as error:  # requests' errors are OSErrors
            reason = str(error)
        else:
            if sound(jar, folder):
                return
    raise StackError(
        f"Kafka's {jar.artifact} {jar.version} could not be fetched from Maven Central: {reason}. "
        "Check the network, or set WANGGE_KAFKA_HOME to a Kafka of your own.",
        f"无法从 Maven Central 取得 Kafka 的 {jar.artifact} {jar.version}：{reason}。"
        "请检查网络，或用 WANGGE_KAFKA_HOME 指定自有的 Kafka。",
    )


def main() -> int:
    """Fetch what is missing and say so on standard error; 1 when that fails."""

    def show(done: int, total: int) -> None:
        sys.stderr.write(f"\rKafka: {done}/{total} jars")

    try:
        ensure(show)
    except StackError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    sys.stderr.write("\rKafka: all jars are there / 全部就绪\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
