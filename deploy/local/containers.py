"""Kafka and MongoDB from containers: what ``wangge up --with containers`` starts.

``testcontainers`` starts them, and its reaper removes them when this process is killed. A
container and the volume of its data bear the name of the home, so that a stack finds its data
again, and what an earlier one left behind.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterable, Iterator
from typing import Any, cast

import docker
from docker.errors import DockerException, NotFound
from testcontainers.core.container import DockerContainer

from deploy.local.errors import StackError, StartFailedError
from deploy.local.images import Recipe
from deploy.local.ports import HOST

START_SECONDS = 300.0
"""The first start may have to fetch an image."""
POLL_SECONDS = 0.3
STOP_SECONDS = 10.0


class ContainerServer:
    """One server in a container, to its keeper the same as a process of our own."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.name = recipe.name
        self.pid: int | None = None
        self._container: Any = None

    @property
    def address(self) -> str:
        """What a client connects to."""
        return f"{HOST}:{self.recipe.port}"

    @property
    def log(self) -> str:
        """The command that shows what the server prints."""
        return f"docker logs {self.recipe.title}"

    async def start(self) -> float:
        """Run the image, fetching it if need be; the seconds until the server was ready.

        Raises:
            StackError: no engine answers, or it refuses.
            StartFailedError: the container ended, or was not ready in time.
        """
        began = time.monotonic()
        await asyncio.to_thread(self._run)
        reason: str | None = ""
        while time.monotonic() - began < START_SECONDS:
            if not await asyncio.to_thread(self._lives):
                reason = "it ended"
                break
            reason = await self.recipe.trouble()
            if reason is None:
                return time.monotonic() - began
            await asyncio.sleep(POLL_SECONDS)
        raise StartFailedError(
            f"container {self.recipe.title} did not become ready: {reason}. See: {self.log}",
            f"容器 {self.recipe.title} 未能就绪：{reason}。日志：{self.log}",
        )

    async def wait(self) -> int:
        """Wait until the container ends; its exit status, as far as the engine tells."""
        while await asyncio.to_thread(self._lives):  # noqa: ASYNC110  the engine tells no event
            await asyncio.sleep(POLL_SECONDS)
        self.pid = None
        return int(self._container.attrs["State"]["ExitCode"])

    async def stop(self, grace: float | None = None) -> None:
        """Stop and remove the container; its volume stays."""
        self.pid = None
        seconds = STOP_SECONDS if grace is None else grace
        if self._container is not None:
            await asyncio.to_thread(self._remove, int(seconds))

    def _run(self) -> None:
        with _engine() as client:
            _remove_container(client, self.recipe.title)
        with _explained():
            wrapped = DockerContainer(
                self.recipe.image,
                name=self.recipe.title,
                env=dict(self.recipe.environment),
                volumes=[(self.recipe.title, self.recipe.folder, "rw")],
            )
            if self.recipe.command:
                wrapped.with_command(list(self.recipe.command))
            # On the loopback interface only; the package's types know no address here.
            ports = cast("dict[str, Any]", wrapped.ports)
            ports[f"{self.recipe.port}/tcp"] = (HOST, self.recipe.port)
            wrapped.start()
            self._container = wrapped.get_wrapped_container()
            self._container.reload()
            self.pid = int(self._container.attrs["State"]["Pid"])

    def _lives(self) -> bool:
        try:
            self._container.reload()
        except NotFound:
            return False
        return bool(self._container.attrs["State"]["Running"])

    def _remove(self, seconds: int) -> None:
        with contextlib.suppress(NotFound):  # somebody else has removed it
            self._container.stop(timeout=seconds)
            self._container.remove(force=True)


def clear(recipes: Iterable[Recipe], *, data: bool) -> None:
    """Remove what an earlier stack of this home left running, and on demand its data too.

    Raises:
        StackError: no engine answers.
    """
    with _engine() as client:
        for recipe in recipes:
            _remove_container(client, recipe.title)
            if data:
                with contextlib.suppress(NotFound):
                    client.volumes.get(recipe.title).remove()


def _remove_container(client: Any, title: str) -> None:  # noqa: ANN401  docker has no types
    with contextlib.suppress(NotFound):
        client.containers.get(title).remove(force=True)


@contextlib.contextmanager
def _engine() -> Iterator[Any]:
    with _explained(), contextlib.closing(docker.from_env()) as client:
        yield client


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except DockerException as error:
        raise StackError(
            f"the container engine cannot be used: {error}. Start Docker (on Debian: apt-get "
            "install docker.io), or leave out --with containers: it is not needed.",
            f"无法使用容器引擎：{error}。请启动 Docker（Debian：apt-get install docker.io），"
            "或去掉 --with containers：没有它也能运行。",
        ) from error
