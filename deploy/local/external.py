"""Kafka or MongoDB that somebody else runs: looked at before the services start."""

import asyncio
import time
from typing import Any

from aiokafka.errors import KafkaError
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from deploy.local.errors import StackError
from deploy.local.plan import without_password
from shared.platform.admin import TopicMismatchError, ensure_topics

PATIENCE_SECONDS = 10.0
PAUSE_SECONDS = 0.3


async def create_topics(bootstrap: str) -> None:
    """Create the topics that are missing, retrying while the cluster is not at ease.

    Raises:
        StackError: it cannot be reached or refuses, or a topic has another shape than declared.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            await ensure_topics(bootstrap)
        except TopicMismatchError as error:
            raise StackError(
                f"Kafka at {bootstrap}: {error}",
                f"Kafka（{bootstrap}）的主题与声明不符：{error}",
            ) from error
        except (KafkaError, OSError) as error:
            if time.monotonic() > deadline:
                raise StackError(
                    f"Kafka at {bootstrap} cannot be used: {error!r}. Check WANGGE_KAFKA.",
                    f"无法使用 Kafka（{bootstrap}）：{error!r}。请检查 WANGGE_KAFKA。",
                ) from error
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return


async def check_mongo(uri: str) -> None:
    """See that a MongoDB answers and is a replica set.

    Raises:
        StackError: it does not, or is not.
    """
    shown = without_password(uri)
    patience = int(PATIENCE_SECONDS * 1000)
    try:
        async with AsyncMongoClient[dict[str, Any]](
            uri,
            serverSelectionTimeoutMS=patience,
            serverMonitoringMode="poll",  # as in `mongo.set_trouble`
        ) as one:
            hello = await one.admin.command("hello")
    except (PyMongoError, ValueError) as error:  # the latter for a port that is none
        raise StackError(
            f"MongoDB at {shown} cannot be used: {error}. Check WANGGE_MONGO.",
            f"无法使用 MongoDB（{shown}）：{error}。请检查 WANGGE_MONGO。",
        ) from error
    if "setName" not in hello:
        raise StackError(
            f"MongoDB at {shown} is no replica set; start it with --replSet and initiate it.",
            f"MongoDB（{shown}）不是副本集；请以 --replSet 启动并初始化。",
        )
