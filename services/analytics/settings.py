"""Settings of analytics."""

from pydantic_settings import SettingsConfigDict

from shared.platform.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from ``WANGGE_ANALYTICS_*``, and the common ones from ``WANGGE_*``."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_ANALYTICS_", extra="ignore")

    port: int = 8004
    zone: str = "Asia/Shanghai"
    """IANA zone of the city, in which the console shows times and days."""
