"""From a plan to the servers that carry it out; nothing is started here."""

import os
from dataclasses import dataclass

from deploy.local.images import Recipe, kafka_recipe, mongo_recipe
from deploy.local.kafka import KafkaServer
from deploy.local.keeper import Runnable
from deploy.local.mongo import MongoServer, uri
from deploy.local.paths import Home
from deploy.local.plan import StackPlan, without_password
from deploy.local.ports import HOST
from deploy.local.service import ServiceServer
from deploy.local.state import ProcessState


@dataclass(frozen=True, slots=True)
class Parts:
    """The servers of a stack, in the order of starting, and what stands beside them."""

    stores: tuple[Runnable, ...]
    """Kafka, then MongoDB, as far as they are ours."""
    services: tuple[Runnable, ...]
    entries: tuple[ProcessState, ...]
    """The supervisor itself, and what somebody else runs."""
    kafka: str
    mongo: str


def assemble(plan: StackPlan, home: Home) -> Parts:
    """The parts of the stack that the plan describes."""
    kafka = plan.kafka_external or f"{HOST}:{plan.kafka_port}"
    mongo = plan.mongo_external or uri(plan.mongo_port)
    settings = {
        "WANGGE_HOME": str(home.root),
        "WANGGE_KAFKA": kafka,
        "WANGGE_MONGO": mongo,
        "WANGGE_SECRET_FILE": str(home.secret),
        "WANGGE_LOG": "json",
        "WANGGE_ESCALATION_NOTICE_SECRETS": str(home.notice_secrets),
    }
    services = (
        ServiceServer(one.name, one.module, one.port, home.log(one.name), settings)
        for one in plan.services
    )
    return Parts(_stores(plan, home), tuple(services), _entries(plan, home), kafka, mongo)


def _stores(plan: StackPlan, home: Home) -> tuple[Runnable, ...]:
    if plan.engine == "containers":
        from deploy.local import containers  # noqa: PLC0415  slow to import, and seldom needed

        return tuple(containers.ContainerServer(one) for one in recipes(plan, home))
    stores: list[Runnable] = []
    if plan.kafka_external is None:
        ports = (plan.kafka_port, plan.controller_port)
        stores.append(KafkaServer(home.data / "kafka", *ports, home.log("kafka")))
    if plan.mongo_external is None:
        stores.append(MongoServer(home.data / "mongo", plan.mongo_port, home.log("mongo")))
    return tuple(stores)


def recipes(plan: StackPlan, home: Home) -> list[Recipe]:
    """The containers of the plan; none for what somebody else runs."""
    found: list[Recipe] = []
    if plan.kafka_external is None:
        found.append(kafka_recipe(home, plan.kafka_port))
    if plan.mongo_external is None:
        found.append(mongo_recipe(home, plan.mongo_port))
    return found


def _entries(plan: StackPlan, home: Home) -> tuple[ProcessState, ...]:
    log = str(home.log("supervisor"))
    itself = ProcessState(name="supervisor", pid=os.getpid(), address="", state="running", log=log)
    mongo = plan.mongo_external and without_password(plan.mongo_external)
    elsewhere = {"kafka": plan.kafka_external, "mongo": mongo}
    others = (
        ProcessState(name=name, address=address, state="external", log="")
        for name, address in elsewhere.items()
        if address is not None
    )
    return (itself, *others)
