"""Which images ``--with containers`` runs, and how: the same settings as without containers."""

import base64
import functools
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import kafka, mongo
from deploy.local.paths import Home
from deploy.local.ports import HOST

KAFKA_IMAGE = "apache/kafka:4.3.1"
KAFKA_FOLDER = "/var/lib/kafka/data"
KAFKA_CONTROLLER_PORT = 9093
"""Inside the container only."""
MONGO_IMAGE = "mongo:8.0"
MONGO_FOLDER = "/data/db"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to run one image; its port is the same inside and outside."""

    name: str
    title: str
    """The name of the container and of its volume: the home's, and what runs in it."""
    image: str
    port: int
    folder: str
    """Where the image keeps its data."""
    trouble: Callable[[], Awaitable[str | None]]
    """Why the server is not fit for use yet; None when it is."""
    environment: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()


def title(home: Home, name: str) -> str:
    """The name of a home's container."""
    return f"wangge-{hashlib.sha256(str(home.root).encode()).hexdigest()[:10]}-{name}"


def kafka_recipe(home: Home, port: int) -> Recipe:
    """Apache's own image, with the properties of the node without containers."""
    name = title(home, "kafka")
    digest = hashlib.sha256(name.encode()).digest()[:16]
    cluster = "w" + base64.urlsafe_b64encode(digest).decode().rstrip("=")[1:]
    return Recipe(
        name="kafka",
        title=name,
        image=KAFKA_IMAGE,
        port=port,
        folder=KAFKA_FOLDER,
        trouble=functools.partial(kafka.cluster_trouble, f"{HOST}:{port}", cluster),
        environment={
            **environment(kafka.render(port, KAFKA_CONTROLLER_PORT, Path(KAFKA_FOLDER))),
            "CLUSTER_ID": cluster,
            "KAFKA_HEAP_OPTS": "-Xmx256m",
        },
    )


def mongo_recipe(home: Home, port: int) -> Recipe:
    """MongoDB's image as a replica set of one, whose member has the same name in and outside."""
    return Recipe(
        name="mongo",
        title=title(home, "mongo"),
        image=MONGO_IMAGE,
        port=port,
        folder=MONGO_FOLDER,
        trouble=functools.partial(mongo.set_trouble, port),
        command=("mongod", "--replSet", mongo.REPLICA_SET, "--bind_ip_all", "--port", str(port)),
    )


def environment(properties: str) -> dict[str, str]:
    """Kafka's properties as its image takes them: ``log.dirs`` is ``KAFKA_LOG_DIRS``.

    The broker listens on all of the container's interfaces; the engine publishes the loopback one.
    """
    pairs = (
        line.split("=", 1) for line in properties.splitlines() if line and not line.startswith("#")
    )
    named = {f"KAFKA_{key.upper().replace('.', '_')}": value for key, value in pairs}
    named["KAFKA_LISTENERS"] = named["KAFKA_LISTENERS"].replace(HOST, "0.0.0.0", 1)
    return named
