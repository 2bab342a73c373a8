"""Settings of the program 程序配置 (not of the handbook): from the environment, checked at the start."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from journal.home import wuye_home

__all__ = ["ApiSettings"]


class ApiSettings(BaseSettings):
    """``WUYE_HOME``, ``DATABASE_URL`` and the ``WUYE_…`` beside each field."""

    model_config = SettingsConfigDict(
        env_prefix="WUYE_", extra="ignore", populate_by_name=True, use_attribute_docstrings=True
    )

    home: Path = Field(default_factory=wuye_home)
    """The folder of the embedded database, the master key and the documents; ``.wuye`` in the current folder."""
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    """A PostgreSQL ≥ 15, as the owner of its database; without it the embedded one is started."""
    allow_unsafe_server: bool = False
    """For tests: start on a server whose settings would lose what it acknowledges."""
    pool_size: int = Field(default=16, ge=1, le=200)
    """Connections of one process at most."""
    threads: int = Field(default=6, ge=2, le=200)
    """Threads for readings and long commands; more of them only contend for the interpreter (a third slower at 40)."""
    proxies: str = ""
    """Addresses or networks of the reverse proxies, separated by commas: only they may say for whom they ask."""
    streams_per_caller: int = Field(default=8, ge=1)
    """Streams of facts that one account may follow at a time in one process; one more is 429."""
    streams: int = Field(default=200, ge=1)
    """Streams of facts that one process sends at a time."""
    secure_cookies: bool = False
    """Whether the session cookie is sent over HTTPS only; set it wherever the program is not used on its own machine."""
    allowed_hosts: str = "localhost,127.0.0.1,[::1]"
    """Names under which the program is spoken to, ``name`` or ``name:port``, separated by commas; any other is refused."""
    session_hours: int = Field(default=12, ge=1, le=168)
    """How long a log-in lasts."""
    logins_per_quarter: int = Field(default=8, ge=1)
    """Failed log-ins of one account within 15 minutes before strangers have to wait; a known device has as many of its own."""
    logins_per_address: int = Field(default=30, ge=1)
    """The same by strangers from one address (of IPv6: a /64), whatever the account."""
    logins_in_all: int = Field(default=300, ge=1)
    """The same by all strangers together; whoever has logged in on his device before is not stopped by it."""
    hashing_threads: int | None = Field(default=None, ge=1, le=64)
    """Passwords looked at at a time by one process; one less than there are processors if left out."""
    workers: int = Field(default=1, ge=1, le=64)
    """Processes that serve; they share the limits of log-ins. ``wuye serve --workers`` sets it for them."""
    webhook_hosts: str = ""
    """Hosts that webhooks may call, ``name`` or ``name:port``, separated by commas; without one no webhook leaves."""
    smtp_host: str | None = None
    """The mail server through which notices leave; without it e-mails wait and the reason is shown."""
    smtp_port: int = Field(default=25, ge=1, le=65_535)
    """Its port."""
    smtp_user: str | None = None
    """The account there, if it wants one."""
    smtp_password: str | None = None
    """Its password."""
    smtp_from: str = "wuye@localhost"
    """Whom the e-mails come from."""
    smtp_starttls: bool = False
    """Whether the connection is encrypted before anything is said."""

    def may_call(self, address: str) -> bool:
        """Whether a webhook may call this address: whoever subscribes must not make the program ask its own network."""
        allowed = {each.strip().lower() for each in self.webhook_hosts.split(",")} - {""}
        try:
            url = urlsplit(address)
            host, port = url.hostname, url.port
        except ValueError:
            return False
        if url.scheme not in ("http", "https") or host is None or url.username is not None:
            return False
        return f"{host}:{port}" in allowed or (port in (None, 80, 443) and host in allowed)
