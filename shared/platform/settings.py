"""Settings that all services have; each service adds its own under ``WANGGE_<NAME>_``."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.ledger.dead_letters import DEAD_SHARE


class ServiceSettings(BaseSettings):
    """Read from the environment; a service's subclass sets ``env_prefix``."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    kafka: str = Field(default="127.0.0.1:19092", validation_alias="WANGGE_KAFKA")
    mongo: str = Field(
        default="mongodb://127.0.0.1:27117/?replicaSet=rs0", validation_alias="WANGGE_MONGO"
    )
    database: str = ""
    """Name of the service's database; empty is ``wangge_<name>``."""
    host: str = "127.0.0.1"
    port: int = 8000
    secret_file: Path | None = Field(default=None, validation_alias="WANGGE_SECRET_FILE")
    dead_share: float = Field(default=DEAD_SHARE, ge=0, le=1)
    """Of the last records so large a part may become dead letters before the service stops; 1: all,
    for one start, when it is known that the records are what is wrong."""
    log_format: str = Field(default="auto", validation_alias="WANGGE_LOG")
    """``json``, ``console``, or ``auto``: colours on a terminal, JSON off it."""
