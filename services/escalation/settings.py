"""Settings of escalation."""

from pydantic_settings import SettingsConfigDict

from shared.platform.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from ``WANGGE_ESCALATION_*``, and the common ones from ``WANGGE_*``."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_ESCALATION_", extra="ignore")

    port: int = 8003
