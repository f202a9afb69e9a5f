"""Settings of intake."""

from pydantic_settings import SettingsConfigDict

from shared.platform.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from ``WANGGE_INTAKE_*``, and the common ones from ``WANGGE_*``."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_INTAKE_", extra="ignore")

    port: int = 8001
    zone: str = "Asia/Shanghai"
    """IANA zone of the city, for reports from where no policy holds."""
    plans_every_s: float = 5.0
    """How often it looks whether a plan orders an inspection."""
    patience_s: float = 5.0
    """How long a report waits to become durable before it is answered 503."""
