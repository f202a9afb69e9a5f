"""Apache Kafka as one KRaft node of this machine, with nothing but Python installed."""

import asyncio
import base64
import os
import re
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local import jars, java, process
from deploy.local.errors import StackError
from deploy.local.ports import free_ports, is_free
from deploy.local.server import Server

PROPERTIES = Path(__file__).with_name("kafka.properties")
LOGGING = Path(__file__).with_name("log4j2.yaml")
FORMAT_SECONDS = 60
ANSWER_MS = 2000


class KafkaServer(Server):
    """One broker that is its own controller; its log and identity lie in ``folder``."""

    def __init__(self, folder: Path, port: int, controller_port: int, log: Path) -> None:
        super().__init__("kafka", port, log)
        self.folder = folder
        self.controller_port = controller_port
        self._classpath = ""

    async def prepare(self) -> None:
        """Fetch Kafka if need be, write its properties for these ports, format its log once."""
        self._classpath = await asyncio.to_thread(classpath)
        if not is_free(self.controller_port):  # nobody else needs to know it: any will do
            (self.controller_port,) = free_ports(1)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._properties.write_text(
            render(self.port, self.controller_port, self._data), encoding="utf-8"
        )
        if not self._identity.exists():
            await self._format()

    def command(self) -> Sequence[str]:
        """The broker."""
        return self._java("kafka.Kafka", str(self._properties))

    def environment(self) -> Mapping[str, str]:
        """The user's own environment: Java reads none of it that matters here."""
        return os.environ

    async def trouble(self) -> str | None:
        """Whether the cluster that answers has our id and a broker in it."""
        return await cluster_trouble(self.address, self.cluster_id())

    def cluster_id(self) -> str:
        """The id that this node was formatted with."""
        found = re.search(r"^cluster\.id=(.+)$", self._identity.read_text("utf-8"), re.MULTILINE)
        if found is None:
            raise StackError(
                f"{self._identity} names no cluster; start afresh with: wangge up --fresh",
                f"{self._identity} 中没有集群标识；请用 wangge up --fresh 重新开始",
            )
        return found.group(1).strip()

    @property
    def _data(self) -> Path:
        return self.folder / "log"

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _identity(self) -> Path:
        return self._data / "meta.properties"

    def _java(self, main: str, *arguments: str) -> list[str]:
        return [
            *java.find().command(self._classpath),
            f"-Dlog4j2.configurationFile={LOGGING}",
            main,
            *arguments,
        ]

    async def _format(self) -> None:
        config = str(self._properties)
        arguments = ("format", "-t", new_cluster_id(), "-c", config, "--ignore-formatted")
        begin = self._log.stat().st_size if self._log.exists() else 0
        command = self._java("kafka.tools.StorageTool", *arguments)
        tool = await process.spawn(command, log=self._log, env=self.environment())
        try:
            status = await asyncio.wait_for(tool.wait(), FORMAT_SECONDS)
        finally:
            await process.kill(tool)
        if status != 0:
            said = process.log_gist(self._log, begin)
            raise StackError(
                f"Kafka could not format its log in {self._data}: {said}",
                f"Kafka 无法格式化日志目录 {self._data}：{said}",
            )


async def cluster_trouble(address: str, cluster_id: str) -> str | None:
    """Why the cluster at ``address`` is not fit for use, or not ours; None when it is."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=ANSWER_MS)
    try:
        await admin.start()
        described = await admin.describe_cluster()
    except (KafkaError, OSError) as error:
        return f"it does not answer: {error!r}"
    finally:
        await admin.close()
    if described["cluster_id"] != cluster_id:
        return f"another cluster answers: {described['cluster_id']}"
    return None if described["brokers"] else "it has no broker yet"


def classpath() -> str:
    """The jars as Java takes them: those of the lock, or of the user's WANGGE_KAFKA_HOME."""
    own = os.environ.get("WANGGE_KAFKA_HOME")
    if own is None:
        return os.pathsep.join(str(path) for path in jars.ensure())
    libs = Path(own) / "libs"
    if not libs.is_dir():
        raise StackError(
            f"WANGGE_KAFKA_HOME={own} holds no folder libs: name an unpacked Kafka release.",
            f"WANGGE_KAFKA_HOME={own} 中没有 libs 目录：请指定解压后的 Kafka 发行版。",
        )
    return str(libs / "*")


def render(port: int, controller_port: int, data: Path) -> str:
    """The properties of one node, made from the template beside this module."""
    values = {"CONTROLLER_PORT": str(controller_port), "PORT": str(port), "DATA": str(data)}
    return re.sub(
        r"\b(CONTROLLER_PORT|PORT|DATA)\b",
        lambda name: values[name.group()],
        PROPERTIES.read_text(encoding="utf-8"),
    )


def new_cluster_id() -> str:
    """A random id in Kafka's spelling; never with a leading hyphen, which its tool misreads."""
    return "w" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]
