"""What an operator copies from deploy/ is whole: units that systemd understands, an image with all of the program in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
MOST_EXPOSED = 5.5
"""Of ten, as systemd reckons it; it was 7.5 and 8.2."""


@pytest.fixture
def dockerfile() -> list[str]:
    return (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()


def copied(dockerfile: list[str]) -> dict[str, str]:
    """What the build takes from here → where it puts it."""
    found = {}
    for line in dockerfile:
        if line.startswith("COPY ") and "--from" not in line:
            *sources, to = line.split()[1:]
            found |= dict.fromkeys(sources, to)
    return found


def test_the_image_is_given_everything_of_which_the_program_is_made(dockerfile: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    wanted = {*wheel, *project["project"]["license-files"], project["project"]["readme"], "requirements.lock"}
    assert wanted <= set(copied(dockerfile))
    said = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    ignored = [line for line in said if line and not line.startswith("#")]
    assert ignored[0] == "*", "nothing else of this folder leaves it: a home with its key may lie here"
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied(dockerfile))
    assert not any(fnmatch(".wuye", line[1:]) for line in ignored if line.startswith("!"))


@pytest.mark.long
def test_what_the_image_is_built_from_starts(dockerfile: list[str], tmp_path: Path) -> None:
    """Its steps by hand, but for the libraries, which are this environment's."""
    source, installed = tmp_path / "source", tmp_path / "installed"
    source.mkdir()
    for name, to in copied(dockerfile).items():
        place = source / name if to == "./" else source / to
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, place)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target"]
    subprocess.run([*pip, installed, "."], cwd=source, check=True)
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DATABASE_URL")}
    environment |= {"PYTHONPATH": str(installed), "WUYE_HOME": str(tmp_path / "home")}
    where = "import wuye, api, sys; print(wuye.__file__, api.__file__); sys.argv[1:] = ['openapi']; wuye.main()"
    done = subprocess.run(
        [sys.executable, "-c", where], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:2] == [str(installed / "wuye.py"), str(installed / "api" / "__init__.py")]


def test_the_containers_find_each_other_and_one_of_them_alone_may_say_for_whom_it_asks() -> None:
    composed: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    services = composed["services"]
    subnet = ip_network(composed["networks"]["outside"]["ipam"]["config"][0]["subnet"])
    addresses = {name: services[name]["networks"]["outside"]["ipv4_address"] for name in ("counter", "proxy")}
    assert all(ip_address(each) in subnet for each in addresses.values())
    assert services["counter"]["environment"]["WUYE_PROXIES"] == addresses["proxy"]
    assert composed["networks"]["inside"]["internal"] is True
    assert list(services["database"]["networks"]) == ["inside"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert "--data-checksums" in services["database"]["environment"]["POSTGRES_INITDB_ARGS"]
    for service in services.values():
        for mounted in service.get("volumes", ()):
            source = mounted.partition(":")[0]
            if source == "./tls":
                continue  # the operator's certificate
            assert (DEPLOY / source).exists() if source.startswith(".") else source in composed["volumes"], mounted
        assert set(service["networks"]) <= set(composed["networks"])
    upstream = (DEPLOY / "nginx" / "upstream.compose.conf").read_text("utf-8")
    [(name, port)] = re.findall(r"server ([^:;]+):(\d+);", upstream)
    assert name in services
    assert port in services[name]["command"]


@pytest.mark.long
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_understands_the_units_and_lends_them_little(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text("utf-8")
        # On the operator's machine there are the account and the program.
        text = re.sub(r"^(User|Group)=wuye$", "", text, flags=re.MULTILINE).replace(
            "/opt/wuye/.venv/bin/wuye", "/bin/true"
        )
        (tmp_path / unit.name).write_text(text, "utf-8")
    units = sorted(tmp_path.iterdir())
    words = ["systemd-analyze", "verify", "--man=no", *map(str, units)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if str(tmp_path) in line]) == (0, [])
    for unit in (DEPLOY / "systemd").glob("*.service"):
        words = ["systemd-analyze", "security", "--offline=yes", f"--threshold={MOST_EXPOSED * 10:.0f}", str(unit)]
        judged = subprocess.run(words, capture_output=True, text=True, check=False)
        assert judged.returncode == 0, judged.stdout[-200:]


def test_what_the_units_start_is_what_the_command_line_has() -> None:
    from typer.testing import CliRunner

    from api.cli.main import app

    started = [
        line.partition("/opt/wuye/.venv/bin/wuye ")[2].strip("'").split()
        for unit in (DEPLOY / "systemd").glob("*.service")
        for line in unit.read_text("utf-8").splitlines()
        if line.startswith("ExecStart=") and "/opt/wuye" in line
    ]
    assert sorted(words[0] for words in started) == ["backup", "serve", "verify", "work"]
    for words in started:
        said = CliRunner().invoke(app, [words[0], "--help"]).stdout
        assert [word for word in words if word.startswith("--") and word not in said] == []
