"""``wangge up``: start the stack, say where it is, and stay with it or leave it."""

from enum import StrEnum
from typing import Annotated

import typer

from deploy.cli import follow
from deploy.cli.console import err, note, out
from deploy.cli.options import Json
from deploy.cli.overview import as_json, table
from deploy.local import credentials, paths, plan, state
from deploy.local.errors import StackError
from deploy.local.paths import Home
from shared.platform.security import Role


class City(StrEnum):
    """What the stack is loaded with."""

    DEMO = "demo"
    NONE = "none"


class Engine(StrEnum):
    """What Kafka and MongoDB run in, where not as processes."""

    CONTAINERS = "containers"


def _port(text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(min=1, max=65535, metavar="PORT", help=text)
    return option


OF_KAFKA = "Port of Kafka; its controller has the next one. Kafka 端口，其控制器用下一端口。"
INTAKE, DISPATCH, ESCALATION, ANALYTICS = (service.port for service in plan.SERVICES)


def command(
    *,
    detach: Annotated[
        bool, typer.Option("--detach", help="Leave it running and return. 后台运行。")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Wipe all data of this stack first. 先清空数据。")
    ] = False,
    city: Annotated[
        City, typer.Option(help="Load the demo city when ready. 就绪后载入演示城市。")
    ] = City.NONE,
    engine: Annotated[
        Engine | None,
        typer.Option("--with", help="Kafka and MongoDB from containers. 用容器运行存储。"),
    ] = None,
    intake_port: Annotated[int, _port("Port of intake. 受理服务端口。")] = INTAKE,
    dispatch_port: Annotated[int, _port("Port of dispatch. 派遣服务端口。")] = DISPATCH,
    escalation_port: Annotated[int, _port("Port of escalation. 督办服务端口。")] = ESCALATION,
    analytics_port: Annotated[int, _port("Port of analytics. 分析服务端口。")] = ANALYTICS,
    kafka_port: Annotated[int, _port(OF_KAFKA)] = plan.KAFKA_PORT,
    mongo_port: Annotated[int, _port("Port of MongoDB. MongoDB 端口。")] = plan.MONGO_PORT,
    json: Json = False,
) -> None:
    """Start Kafka, MongoDB and the four services, and wait until each is ready.

    Without --detach it stays until Ctrl-C, which stops everything. WANGGE_KAFKA and WANGGE_MONGO
    name servers that others run. 不加 --detach 时，按 Ctrl-C 停止全部服务。
    """
    ports = (intake_port, dispatch_port, escalation_port, analytics_port)
    services = zip(plan.SERVICES, ports, strict=True)
    wanted = plan.StackPlan(
        engine="containers" if engine else "processes",
        kafka_port=kafka_port,
        kafka_external=plan.external_kafka(),
        mongo_port=mongo_port,
        mongo_external=plan.external_mongo(),
        services=tuple(one.model_copy(update={"port": port}) for one, port in services),
        fresh=fresh,
    )
    home = paths.home()
    _refuse_half_fresh(wanted, home)

    def ready(found: state.StackState) -> None:
        if city is City.DEMO:
            _load_demo_city(found, home)
        if json:
            typer.echo(as_json(home, found))
        else:
            out.print(table(found))

    if state.running(home):
        ready(_already(home, fresh=fresh))
    else:
        follow.run(wanted, home, ready, detach=detach)


def _refuse_half_fresh(wanted: plan.StackPlan, home: Home) -> None:
    """Raises StackError for --fresh beside a server of others, which it would leave as it is."""
    elsewhere = {"WANGGE_KAFKA": wanted.kafka_external, "WANGGE_MONGO": wanted.mongo_external}
    named = [name for name, address in elsewhere.items() if address is not None]
    if wanted.fresh and named:
        volumes = "docker volume ls --filter name=wangge"
        here = home.data if wanted.engine == "processes" else volumes
        raise StackError(
            f"--fresh wipes no server of others, and {' and '.join(named)} names one: what it "
            "holds would not go with an empty stack. Unset it; or empty that server yourself, "
            f"remove the data here ({here}), and leave out --fresh.",
            f"--fresh 不会清空外部服务器，而 {'、'.join(named)} 指定了外部服务器，"
            "其旧数据与清空后的本套服务不符。请取消该变量；或自行清空该服务器，"
            f"删除本机数据（{here}），再去掉 --fresh。",
        )


def _already(home: Home, *, fresh: bool) -> state.StackState:
    found = state.read(home)
    if fresh or found is None or found.phase != "ready":
        phase = "running" if found is None else found.phase
        raise StackError(
            f"a stack is {phase} in {home.root} already; stop it first: wangge down",
            f"{home.root} 中已有一套服务（{phase}）；请先运行 wangge down",
        )
    note(f"already running in {home.root}; the options change nothing.", "已在运行，选项未生效。")
    return found


def _load_demo_city(found: state.StackState, home: Home) -> None:
    from deploy.city import load  # noqa: PLC0415  slow to import, and seldom needed

    intake = next(one.address for one in found.processes if one.name == "intake")
    token = credentials.load(home)[Role.REGISTRY_ADMINISTRATOR]
    with err.status("loading the demo city 正在载入演示城市"):
        load(f"http://{intake}", token)
