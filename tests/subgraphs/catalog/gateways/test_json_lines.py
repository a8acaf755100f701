"""A catalogue as JSON lines: whole or not at all."""

from pathlib import Path
from typing import Any

import pytest

from subgraphs.catalog.config import CatalogueSource
from subgraphs.catalog.errors import CatalogueUnavailableError
from subgraphs.catalog.gateways import json_lines
from subgraphs.catalog.gateways.catalogues import adapter_of
from tests.subgraphs.catalog.gateways.partner import answer, partner_saying

WHOLE = b'{"id": "1", "name": "River"}\n\n{"id": "2", "name": "\xe0\xa4\xa8\xe0\xa4\xa6\xe0\xa5\x80"}\r\n{"end": 2}\n'
ROWS = [{"id": "1", "name": "River"}, {"id": "2", "name": "नदी"}]


def source(url: str) -> CatalogueSource:
    return CatalogueSource(name="prime", adapter="jsonl", url=url)


@pytest.mark.requirement("CS-02")
async def test_a_file_on_this_machine_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a b.jsonl"
    path.write_bytes(WHOLE)

    assert await adapter_of(source(path.as_uri())).rows() == ROWS


async def test_a_file_is_read_over_http() -> None:
    async with partner_saying(answer(WHOLE)) as partner:
        assert await adapter_of(source(f"{partner.url}/titles.jsonl")).rows() == ROWS

    assert partner.requests == [("GET", "/titles.jsonl")]


@pytest.mark.requirement("CS-02")
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(WHOLE[:40], id="cut off in a line"),
        pytest.param(b"".join(WHOLE.splitlines(keepends=True)[:3]), id="cut off between two lines"),
        pytest.param(WHOLE.replace(b'"end": 2', b'"end": 3'), id="a line is missing"),
        pytest.param(WHOLE + b'{"id": "3"}\n', id="goes on after the end"),
        pytest.param(b"<!doctype html><title>Sorry</title>", id="a page for people"),
        pytest.param(b'["River"]\n{"end": 1}\n', id="a line that is no object"),
        pytest.param(b'{"id": "1", "name": "\xff"}\n{"end": 1}\n', id="not UTF-8"),
    ],
)
async def test_what_is_not_the_whole_file_is_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "titles.jsonl"
    path.write_bytes(content)

    with pytest.raises(CatalogueUnavailableError):
        await adapter_of(source(path.as_uri())).rows()


@pytest.mark.parametrize(("limit", "value"), [("MOST_BYTES", len(WHOLE) - 1), ("MOST_ROWS", 1)])
async def test_a_file_larger_than_allowed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: Any
) -> None:
    path = tmp_path / "titles.jsonl"
    path.write_bytes(WHOLE)
    monkeypatch.setattr(json_lines, limit, value)

    with pytest.raises(CatalogueUnavailableError):
        await adapter_of(source(path.as_uri())).rows()


async def test_a_file_that_is_not_there_is_a_catalogue_that_cannot_be_had(tmp_path: Path) -> None:
    with pytest.raises(CatalogueUnavailableError, match="FileNotFoundError"):
        await adapter_of(source((tmp_path / "titles.jsonl").as_uri())).rows()
