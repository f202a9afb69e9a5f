"""Settings of escalation."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.ledger.auditing import TOLERANCE_S
from shared.platform.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from ``WANGGE_ESCALATION_*``, and the common ones from ``WANGGE_*``."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_ESCALATION_", extra="ignore")

    port: int = 8003
    overdue_s: float = Field(default=TOLERANCE_S, gt=0)
    """So many seconds a mark may be due without an answer before the service is not ready."""
    notices: bool = True
    """Whether this process sends notices."""
    notice_secrets: Path | None = None
    """A folder: one file a secret, of the name by which targets name it."""
    notice_link: str = ""
    """The address of a case for people, with ``{incident}``; empty: notices have no link."""
    smtp_host: str = ""
    """The server that takes e-mail; empty: none is sent."""
    smtp_port: int = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password_file: Path | None = None
    smtp_from: str = "wangge@localhost"
