"""The proxy that is documented, before ``wuye serve --workers 2``: TLS, names, addresses, streams, large bodies, a restart."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.http.authentication import MOST_BYTES_OF_FILES
from api.http.problems import plain
from api.identity import Accounts, Grant
from api.runtime import open_runtime
from domain.kernel.people import Actor, Role
from domain.office.office import OpenOffice
from tests.attacks.test_serving import Program, serving
from tests.waiting import PATIENCE, free_port, wait_until
from workflows.engine.request import CommandRequest

NAME = "wuye.example.cn"
PASSWORD = "correct horse battery"
DEPLOY = Path(__file__).parents[2] / "deploy" / "nginx"
GOOD = {"channel": "in-person", "category": "noise", "matter": "楼上噪音", "content": "每晚", "home": "1-101"}
LIST = MOST_BYTES_OF_FILES - 1000

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not here (apt install nginx)"),
    pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks at processes by /proc"),
]


@dataclass
class Proxied:
    """nginx as it is documented, and what stands behind it."""

    folder: Path
    plain: int
    tls: int
    upstream: int
    token: str

    @property
    def host(self) -> str:
        return f"{NAME}:{self.tls}"

    def client(self, address: str = "127.0.0.1", **more: Any) -> httpx.Client:
        """Somebody on the network who believes this certificate."""
        trusts = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        transport = httpx.HTTPTransport(local_address=address, verify=trusts)
        headers = {"Host": self.host} | more.pop("headers", {})
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.tls}", transport=transport, headers=headers, timeout=PATIENCE, **more
        )

    def clerk(self) -> httpx.Client:
        return self.client(headers={"Authorization": f"Bearer {self.token}"})

    def behind(self, home: Path) -> Any:
        """The program with the environment that operations.md says."""
        said = {"WUYE_ALLOWED_HOSTS": NAME, "WUYE_PROXIES": "127.0.0.1", "WUYE_SECURE_COOKIES": "true"}
        said["WUYE_LOGINS_PER_ADDRESS"] = "4"
        return serving("--workers", "2", "--no-work", port=self.upstream, home=home, **said)


def certificate(folder: Path) -> None:
    """A certificate of the host, made by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(NAME), x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form, sealed = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "privkey.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, sealed))


def configured(folder: Path, proxied: Proxied) -> Path:
    """The documented files with this machine's ports and paths, and the least that has to stand around them."""
    server = (DEPLOY / "wuye.conf").read_text("utf-8")
    here = (
        ("    listen 80;\n    listen [::]:80;\n", f"    listen 127.0.0.1:{proxied.plain};\n"),
        ("    listen 443 ssl;\n    listen [::]:443 ssl;\n", f"    listen 127.0.0.1:{proxied.tls} ssl;\n"),
        ("/etc/ssl/wuye/", f"{folder}/"),
    )
    for documented, mine in here:
        assert documented in server
        server = server.replace(documented, mine)
    (folder / "conf.d").mkdir()
    (folder / "conf.d" / "wuye.conf").write_text(server, "utf-8")
    upstream = (DEPLOY / "upstream.conf").read_text("utf-8")
    assert "127.0.0.1:8080" in upstream
    (folder / "conf.d" / "upstream.conf").write_text(upstream.replace(":8080", f":{proxied.upstream}"), "utf-8")
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}include {folder}/conf.d/*.conf;\n}}\n"
    )
    return main


@pytest.fixture(scope="module")
def proxied() -> Iterator[tuple[Proxied, Path]]:
    """An office behind nginx; its home, so that the program can be started again."""
    with (
        TemporaryDirectory(prefix="wuye-nginx-", ignore_cleanup_errors=True) as made,
        TemporaryDirectory(prefix="wuye-behind-", ignore_cleanup_errors=True) as home,
        pytest.MonkeyPatch.context() as patch,
    ):
        folder = Path(made)
        folder.chmod(0o755)
        Path(home).chmod(0o755)
        patch.delenv("DATABASE_URL", raising=False)
        patch.setenv("WUYE_HOME", f"{home}/home")
        with open_runtime() as runtime:
            opening = CommandRequest(
                office="XH",
                command=OpenOffice(code="XH", name="香湖"),
                actor=Actor("root", Role.SYSTEM_ADMINISTRATOR),
                now=dt.datetime.now(dt.UTC),
            )
            runtime.handler.handle(opening)
            accounts = Accounts(runtime.pool.connection, runtime.master)
            clerk = accounts.create("clerk", "clerk", None)
            person = accounts.create("wang", "wang", PASSWORD)
            for user in (clerk, person):
                accounts.grant(user, [Grant("XH", Role.ADMINISTRATOR)], by="test")
            token = accounts.make_token(clerk, "t", None, for_program=True)[1]
        mine = Proxied(folder, free_port(), free_port(), free_port(), token)
        certificate(folder)
        main = configured(folder, mine)
        nginx = subprocess.Popen(["nginx", "-p", folder, "-c", main], stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: answers(mine.tls), "nginx listens")
            yield mine, Path(home)
        finally:
            nginx.terminate()
            nginx.wait(PATIENCE)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def program(proxied: tuple[Proxied, Path]) -> Iterator[Program]:
    mine, home = proxied
    with mine.behind(home) as running:
        yield running


def test_tls_ends_there_and_only_our_name_is_served(proxied: tuple[Proxied, Path], program: Program) -> None:
    mine, _ = proxied
    there = httpx.get(f"http://127.0.0.1:{mine.plain}/ready", headers={"Host": NAME})
    assert (there.status_code, there.headers["location"]) == (301, f"https://{NAME}/ready")
    with mine.client() as client:
        assert client.get("/ready").json()["ready"] is True
        assert client.get("/ready", headers={"Host": "evil.example"}).json()["code"] == "foreign-host"
        assert client.get("/ready", headers={"Host": "127.0.0.1"}).json()["code"] == "foreign-host", "it is not here"
        assert client.get("/metrics").status_code == 404
        assert b"wuye" not in client.get("/metrics").content


def test_nobody_says_for_himself_who_he_is(proxied: tuple[Proxied, Path], program: Program) -> None:
    """Four tries an address, two in each worker: whoever says that he is another has not got more; whoever is another has."""
    mine, _ = proxied

    def tried(client: httpx.Client, n: int) -> int:
        said = {"X-Forwarded-For": f"203.0.113.{n}", "Forwarded": f"for=203.0.113.{n}", "X-Real-IP": f"203.0.113.{n}"}
        return client.post("/login", json={"login": f"n{n}", "password": "wrong"}, headers=said).status_code

    with mine.client("127.0.0.7") as one, mine.client("127.0.0.8") as another:
        told = [tried(one, n) for n in range(8)]
        assert set(told) == {401, 429}
        assert told.count(401) <= 4
        assert tried(another, 9) == 401


def test_a_log_in_behind_tls_and_a_foreign_page(proxied: tuple[Proxied, Path], program: Program) -> None:
    mine, _ = proxied
    words = {"login": "wang", "password": PASSWORD}
    with mine.client("127.0.0.9") as client:
        for origin in ("https://evil.example", f"http://{mine.host}", "null"):
            assert client.post("/login", json=words, headers={"Origin": origin}).status_code == 403
        there = client.post("/login", json=words, headers={"Origin": f"https://{mine.host}"})
        assert there.status_code == 200
        assert all("Secure" in cookie for cookie in there.headers.get_list("set-cookie"))
        assert "strict-transport-security" in there.headers


def test_a_body_is_as_long_as_its_address_needs(proxied: tuple[Proxied, Path], program: Program) -> None:
    mine, _ = proxied
    with mine.clerk() as client:
        rows = "日期,金额\n".encode() + b"2026-01-01,1\n" * (LIST // 13)
        taken = client.post("/offices/XH/bank-files", content=rows)
        assert taken.headers["content-type"].startswith("application/"), taken.text
        assert taken.status_code not in (404, 413), "what the program takes is let through"
        assert client.post("/offices/XH/bank-files", content=b"x" * (MOST_BYTES_OF_FILES + 1)).status_code == 413
        assert client.post("/offices/XH/complaints", content=b"x" * (1024 * 1024 + 1)).status_code == 413


def events(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Event ids and data as they come."""
    event_id = ""
    for line in lines:
        if line.startswith("id:"):
            event_id = line[3:].strip()
        elif line.startswith("data:"):
            yield event_id, line[5:].strip()


def page(event_id: str) -> int:
    return int(event_id.rpartition("-")[2])


def test_a_stream_goes_on_over_a_restart_and_meanwhile_everybody_is_told_when_to_come_again(
    proxied: tuple[Proxied, Path], program: Program
) -> None:
    mine, home = proxied
    with mine.clerk() as client:
        accept = {"Accept": "text/event-stream"}
        with client.stream("GET", "/offices/XH/facts", headers=accept) as stream:
            coming = events(stream.iter_lines())
            made = client.post("/offices/XH/complaints", json=GOOD, headers={"Idempotency-Key": "once"})
            assert made.status_code == 201, made.text
            # It comes at once, and not when a buffer is full or the stream ends.
            seen = next(event_id for event_id, told in coming if made.json()["id"] in told)
            program.process.terminate()
            for _ in coming:
                pass  # it ends in order: what breaks off is an error of the client's
        assert program.process.wait(PATIENCE) in (0, 128 + 15)
        away = client.get("/offices/XH/complaints")
        assert away.status_code == 503
        assert away.headers["retry-after"] == "2"
        assert away.headers["content-type"] == "application/problem+json"
        assert away.json() == json.loads(bytes(plain(503).body))
        with mine.behind(home):
            again = client.post("/offices/XH/complaints", json=GOOD, headers={"Idempotency-Key": "once"})
            assert again.json()["id"] == made.json()["id"], "what was written once stays written once"
            client.post("/offices/XH/complaints", json=GOOD)
            with client.stream("GET", "/offices/XH/facts", headers=accept | {"Last-Event-ID": seen}) as stream:
                after, _ = next(events(stream.iter_lines()))
                assert page(after) == page(seen) + 1


def test_the_files_are_nginx_own_words(proxied: tuple[Proxied, Path]) -> None:
    mine, _ = proxied
    words = ["nginx", "-t", "-p", str(mine.folder), "-c", str(mine.folder / "nginx.conf")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C"})
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr
