"""Settings of dispatch."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.ledger.auditing import TOLERANCE_S
from shared.platform.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from ``WANGGE_DISPATCH_*``, and the common ones from ``WANGGE_*``."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_DISPATCH_", extra="ignore")

    port: int = 8002
    overdue_s: float = Field(default=TOLERANCE_S, gt=0)
    """So many seconds a timer may be due without an answer before the service is not ready."""
