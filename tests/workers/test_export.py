"""A data export holds exactly what docs/data-map.md lists."""

import json
from pathlib import Path

import pytest

from tests.workers.conftest import MovableClock
from tests.workers.person import Person, export_file, open_apps, personal_of, seed, seed_account
from workers.config import Settings
from workers.privacy import make_exports
from workers.retention import RULES, enforce_retention
from workers.services import Services

_DATA_MAP = Path(__file__).parents[2] / "docs" / "data-map.md"


def table(heading: str) -> list[list[str]]:
    """Return the cells of the first table below the heading, without its head."""
    below = _DATA_MAP.read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    lines = [line for line in below.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


@pytest.mark.requirement("IN-PRIV-1")
@pytest.mark.requirement("IN-GDPR-1")
async def test_an_export_has_exactly_the_documented_sections_and_fields(
    services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    documented = {section: fields.split(", ") for section, fields, *_ in table("Sections of a data export")}
    person, stranger = Person(), Person()
    async with open_apps(worker_settings, clock) as apps:
        await seed(person, services, apps, worker_settings, clock)

        sealed = export_file(worker_settings).read_text(encoding="ascii")
        purpose = f"export:{export_file(worker_settings).stem}"
        content = json.loads(personal_of(worker_settings).open(sealed, purpose=purpose))

    exported = {section: list(rows[0]) for section, rows in content["data"].items() if rows}
    # Nobody who has an export has asked for deletion as well here.
    assert {**exported, "deletion": documented["deletion"]} == documented
    assert content["data"]["deletion"] == []
    assert all(list(row) == documented[section] for section, rows in content["data"].items() for row in rows)
    assert content["account_id"] == person.user_id
    assert content["data"]["phone"][0]["number"] == person.phone
    assert content["data"]["account"][0]["email"] == person.email
    assert content["data"]["grievances"][0]["text"] == person.marker
    assert content["data"]["history"][0]["profile"] == person.profile_id
    assert stranger.marker not in json.dumps(content)
    assert person.marker not in sealed


async def test_an_export_is_made_once_and_its_file_goes_after_a_week(
    services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    person = Person()
    await seed_account(person, services, worker_settings, now=clock())

    made = (await make_exports(services), await make_exports(services))
    clock.advance(days=7, seconds=-1)
    await enforce_retention(services)
    is_there = export_file(worker_settings).exists()
    clock.advance(seconds=1)
    await enforce_retention(services)

    assert made == (1, 0)
    assert is_there
    assert list((worker_settings.objects_dir / "exports").iterdir()) == []


@pytest.mark.requirement("IN-PRIV-2")
def test_the_documented_retention_is_the_one_that_is_enforced() -> None:
    documented = {data_class: kept for data_class, kept, _then in table("How long")}
    enforced = {
        rule.data_class: f"{rule.keep.days} days" if rule.keep.days else f"{rule.keep.seconds // 3600} hour"
        for rule in RULES
    }

    assert documented == {**enforced, "deleted accounts": "90 days", "application logs": "30 days"}
