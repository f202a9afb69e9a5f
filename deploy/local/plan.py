"""What a stack consists of, as data: made by the command line, carried out by the supervisor."""

import os
import re
from typing import Literal

from pydantic import BaseModel, ConfigDict

KAFKA_PORT = 19092
MONGO_PORT = 27117
CONTROLLER = "kafka-controller"
"""Who wants the port after Kafka's."""


class ServicePlan(BaseModel):
    """A service: the module that ``python -m`` runs, and its port."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    module: str
    port: int


SERVICES = (
    ServicePlan(name="intake", module="services.intake", port=8001),
    ServicePlan(name="dispatch", module="services.dispatch", port=8002),
    ServicePlan(name="escalation", module="services.escalation", port=8003),
    ServicePlan(name="analytics", module="services.analytics", port=8004),
)


class StackPlan(BaseModel):
    """One stack: where Kafka and MongoDB come from, which services run, and on which ports."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: Literal["processes", "containers"] = "processes"
    kafka_port: int = KAFKA_PORT
    kafka_external: str | None = None
    """Bootstrap address of a Kafka that somebody else runs."""
    mongo_port: int = MONGO_PORT
    mongo_external: str | None = None
    """URI of a MongoDB replica set that somebody else runs."""
    services: tuple[ServicePlan, ...] = SERVICES
    fresh: bool = False
    """Wipe all data first."""

    @property
    def controller_port(self) -> int:
        """The port of Kafka's controller, beside the broker's."""
        return self.kafka_port + 1

    @property
    def ports(self) -> dict[str, int]:
        """Every port that must be free, by who wants it."""
        wanted = {service.name: service.port for service in self.services}
        if self.kafka_external is None:
            wanted["kafka"] = self.kafka_port
            if self.engine == "processes":  # a container keeps its controller to itself
                wanted[CONTROLLER] = self.controller_port
        if self.mongo_external is None:
            wanted["mongo"] = self.mongo_port
        return wanted


def external_kafka() -> str | None:
    """The Kafka that the environment names."""
    return os.environ.get("WANGGE_KAFKA") or None


def external_mongo() -> str | None:
    """The MongoDB that the environment names."""
    return os.environ.get("WANGGE_MONGO") or None


def without_password(uri: str) -> str:
    """The URI of a MongoDB as it may be shown."""
    hidden = re.sub(r"//.*@", "//***@", uri)  # up to the last: a password may hold an @ by mistake
    return re.sub(r"(?i)(password=)[^&]*", r"\1***", hidden)
