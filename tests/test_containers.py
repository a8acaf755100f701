"""The files for containers name what is there: commands, settings, parts, ports. Containers are not started here."""

import json
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
import yaml
from pydantic_settings import BaseSettings

from router.config import RouterSettings
from stack.cli import main
from stack.services import PARTS, ROUTER, SUBGRAPHS, WORKER
from stack.settings_table import settings_page

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OURS = sorted(name for name, service in SERVICES.items() if service["image"] == "reelgraph")
JOBS = ("keys", "migrate", "seed")
# How the file's top says that each is made.
SECRETS = {
    "POSTGRES_PASSWORD": "5" * 64,
    "VIEWER_CONTEXT_KEY": "6" * 64,
    "MEDIA_SIGNING_KEY": "7" * 64,
    "PERSONAL_DATA_LOOKUP_KEY": "8" * 64,
    "PERSONAL_DATA_KEYS": f"k1:{'A' * 43}=",
}


def environment_of(service: str) -> dict[str, str]:
    """Return the container's environment, secrets filled in and what may be unset left empty."""

    def filled(match: re.Match[str]) -> str:
        return SECRETS.get(match["name"], "")

    variable = re.compile(r"\$\{(?P<name>\w+)[^}]*\}")
    return {name: variable.sub(filled, str(value)) for name, value in SERVICES[service]["environment"].items()}


def command_of(service: str) -> list[str]:
    """Return the command line of the container, after the image's entry point."""
    entry = json.loads(re.findall(r"^ENTRYPOINT (.+)$", DOCKERFILE, re.MULTILINE)[-1])
    described = SERVICES[service]
    return [*described.get("entrypoint", entry), *described["command"]]


def parsed(command: list[str]) -> click.Context:
    """Return the context of our command line with those arguments, which are refused if they fit nothing."""
    program, name, *arguments = command
    assert program == "reelgraph"
    subcommand = main.commands[name]
    return subcommand.make_context(name, arguments)


def settings_classes_of(service: str) -> Iterator[type[BaseSettings]]:
    """Yield what the container reads when it starts."""
    subgraphs = [subgraph.name for subgraph in SUBGRAPHS]
    if service == ROUTER:
        yield RouterSettings
    for name in subgraphs if service in {"migrate", "seed"} else {service} & set(subgraphs):
        yield import_module(f"subgraphs.{name}.config").Settings
    if service == WORKER:
        yield import_module("workers.config").Settings


def test_every_part_of_the_platform_has_a_container_and_no_other_has() -> None:
    assert sorted([*PARTS, *JOBS]) == OURS


@pytest.mark.parametrize("service", [each for each in OURS if each != "keys"])
def test_its_command_is_one_of_ours(service: str) -> None:
    context = parsed(command_of(service))

    assert (context.params["part"], context.params["host"]) == (service, "0.0.0.0")


def test_keys_are_made_where_the_parts_look_for_them() -> None:
    *command, folder = command_of("keys")

    assert parsed([*command, "."]).params["folder"] == Path()
    assert f"keys:{folder}" in SERVICES["keys"]["volumes"]
    assert environment_of("users")["ACCESS_TOKEN_KEY_FILE"] == f"{folder}/access-token.pem"
    assert environment_of(ROUTER)["ROUTER_JWKS"] == f"{folder}/jwks.json"


def test_the_image_by_itself_runs_the_platform() -> None:
    entry, command = (
        json.loads(re.findall(rf"^{word} (.+)$", DOCKERFILE, re.MULTILINE)[-1]) for word in ("ENTRYPOINT", "CMD")
    )

    assert parsed([*entry, *command]).params["part"] == "platform"


@pytest.mark.parametrize("service", OURS)
def test_every_setting_is_one_that_is_read(service: str) -> None:
    documented = set(re.findall(r"^\| `(\w+)`", settings_page(), re.MULTILINE))

    assert set(environment_of(service)) - documented == set()


@pytest.mark.parametrize("service", [each for each in OURS if each != "keys"])
def test_the_settings_are_enough_to_start_with(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in re.findall(r"^\| `(\w+)`", settings_page(), re.MULTILINE):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment_of(service).items():
        monkeypatch.setenv(name, value)

    read = [settings() for settings in settings_classes_of(service)]

    assert read


def test_every_secret_that_is_asked_for_is_made_by_the_lines_at_the_top() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    top = text.partition("\nname:")[0]

    assert set(re.findall(r"\$\{(\w+):\?", text)) == set(SECRETS)
    assert [name for name in SECRETS if name not in top] == []


def test_the_router_calls_each_subgraph_where_it_listens() -> None:
    port = parsed(["reelgraph", "serve", "platform"]).params["port"]

    addresses = json.loads(environment_of(ROUTER)["ROUTER_SUBGRAPH_URLS"])

    assert addresses == {subgraph.name: f"http://{subgraph.name}:{port}/graphql" for subgraph in SUBGRAPHS}
    assert SERVICES[ROUTER]["ports"] == [f"127.0.0.1:{urlsplit(environment_of(ROUTER)['PUBLIC_URL']).port}:{port}"]


def test_what_is_asked_for_readiness_is_where_it_is_answered() -> None:
    port = parsed(["reelgraph", "serve", "platform"]).params["port"]
    checks = {name: service["healthcheck"] for name, service in SERVICES.items() if name in PARTS and name != WORKER}

    assert {str(check["test"]).count(f"http://127.0.0.1:{port}/ready") for check in checks.values()} == {1}
    assert [name for name in (*JOBS, WORKER) if SERVICES[name]["healthcheck"] != {"disable": True}] == []


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_it_waits_only_for_what_will_come(service: str) -> None:
    for name, needed in SERVICES[service].get("depends_on", {}).items():
        awaited = SERVICES[name]
        match needed["condition"]:
            case "service_healthy":
                assert "test" in awaited["healthcheck"], name
            case "service_completed_successfully":
                assert awaited["restart"] == "no", name
            case other:
                pytest.fail(f"{name}: {other}")


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_it_has_what_compose_knows_and_volumes_that_are_declared(service: str) -> None:
    known = {"image", "build", "restart", "environment", "volumes", "depends_on", "healthcheck"}

    assert set(SERVICES[service]) - known - {"command", "entrypoint", "ports"} == set()
    mounted = {volume.partition(":")[0] for volume in SERVICES[service].get("volumes", [])}
    assert mounted - set(COMPOSE["volumes"]) == set()


def test_files_and_folders_that_settings_name_lie_in_volumes() -> None:
    for service in (ROUTER, "users", "playback", WORKER):
        places = [volume.split(":")[1] for volume in SERVICES[service]["volumes"]]
        environment = environment_of(service)
        named = [environment[name] for name in ("OBJECTS_DIR", "ACCESS_TOKEN_KEY_FILE")]

        assert all(any(path.startswith(place) for place in places) for path in named), service


def test_the_image_is_built_from_what_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = set(re.findall(r"--extra (\S+)", DOCKERFILE))
    copied = " ".join(re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)).split()

    assert extras - set(project["optional-dependencies"]) == set()
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:3.13-slim"}


@pytest.mark.parametrize("file", [".gitignore", ".dockerignore"])
def test_the_file_of_secrets_stays_out_of_history_and_images(file: str) -> None:
    assert ".env" in (ROOT / file).read_text(encoding="utf-8").splitlines()
