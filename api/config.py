"""Settings of the program 程序配置 (not of the handbook): from the environment, checked at the start."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from journal.home import wuye_home

__all__ = ["ApiSettings"]


class ApiSettings(BaseSettings):
    """``WUYE_HOME``, ``DATABASE_URL`` and the ``WUYE_…`` beside each field."""

    model_config = SettingsConfigDict(env_prefix="WUYE_", extra="ignore", populate_by_name=True)

    home: Path = Field(default_factory=wuye_home)
    """Where the master key and an embedded database live (``WUYE_HOME``)."""
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    """How the application (role ``wuye_app``) reaches its database; without it the embedded one is started."""
    allow_unsafe_server: bool = False
    """For tests: start on a server whose settings would lose what it acknowledges."""
    pool_size: int = Field(default=16, ge=1, le=200)
    """Connections of one process at most."""
    threads: int = Field(default=6, ge=2, le=200)
    """Requests that are worked on at once; more of them only quarrel over the interpreter (a third slower at 40)."""
    secure_cookies: bool = False
    """Whether the session cookie is sent over HTTPS only; set it wherever the counter is not on this machine."""
    session_hours: int = Field(default=12, ge=1, le=168)
    """How long a log-in lasts."""
    logins_per_quarter: int = Field(default=8, ge=1)
    """Failed log-ins of one account within 15 minutes before it has to wait."""
    smtp_host: str | None = None
    """The mail server through which notices leave; without it e-mails wait and the reason is shown."""
    smtp_port: int = Field(default=25, ge=1, le=65_535)
    smtp_user: str | None = None
    smtp_password: str | None = None
    smtp_from: str = "wuye@localhost"
    smtp_starttls: bool = False
