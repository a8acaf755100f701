"""Letters that are caught, and the pages that show them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from stack.environment import Addresses, build_environment
from stack.home import Home
from stack.keys import load_keys
from stack.mail_catcher import FOLDER_VARIABLE
from stack.mail_catcher.catcher import listen
from stack.mail_catcher.letters import MOST_KEPT, LetterFolder
from stack.mail_catcher.pages import mail_routes, routes_over
from subgraphs.users.gateways.smtp import SmtpServer

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
_STORES = {"postgres": "postgresql://u:p@127.0.0.1:5", "valkey": "redis://127.0.0.1:6/0", "documents": "mongodb://h:7/"}
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(name="letters")
def _letters(tmp_path: Path) -> LetterFolder:
    return LetterFolder(tmp_path / "mail")


@pytest.fixture(name="pages")
async def _pages(letters: LetterFolder) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=routes_over(letters)))
    async with httpx.AsyncClient(transport=transport, base_url="http://platform") as client:
        yield client


def letter(subject: str = "Hello", *, to: str = "asha@example.com", text: str = "Hi", html: str = "") -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "us@example.com", to, subject
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made.as_bytes()


@pytest.mark.requirement("CL-13")
async def test_a_letter_sent_to_the_catcher_is_on_the_page(tmp_path: Path, pages: httpx.AsyncClient) -> None:
    server = await listen(tmp_path / "mail", host="127.0.0.1", port=0)
    port = server.sockets[0].getsockname()[1]
    made = EmailMessage()
    made["To"], made["Subject"] = "asha@example.com", "नमस्ते"
    made.set_content("Text")

    await SmtpServer("127.0.0.1", port).send(made, sender="us@example.com", recipient="asha@example.com")
    server.close()

    (caught,) = (await pages.get("/dev/mail.json")).json()
    assert (caught["recipient"], caught["subject"], caught["text"].strip()) == ("asha@example.com", "नमस्ते", "Text")
    assert "नमस्ते" in (await pages.get("/dev/mail")).text
    assert (await pages.get(f"/dev/mail/{caught['letter_id']}")).status_code == 200


async def test_the_newest_letter_is_first_and_an_address_narrows_the_list(
    letters: LetterFolder, pages: httpx.AsyncClient
) -> None:
    for number, name in enumerate(("asha", "ravi", "asha")):
        letters.add(letter(f"{number}", to=f"{name}@example.com"), at=NOW + timedelta(seconds=number))

    everybody = (await pages.get("/dev/mail.json")).json()
    hers = (await pages.get("/dev/mail.json", params={"to": "Asha@example.com"})).json()

    assert [each["subject"] for each in everybody] == ["2", "1", "0"]
    assert [each["subject"] for each in hers] == ["2", "0"]
    assert everybody[2]["caught_at"] == "2026-03-01T09:30:00+00:00"


async def test_whatever_a_letter_says_is_escaped_and_its_html_runs_no_script(
    letters: LetterFolder, pages: httpx.AsyncClient
) -> None:
    letter_id = letters.add(letter(HOSTILE, to=f'"{HOSTILE}" <a@example.com>', text=HOSTILE, html=HOSTILE), at=NOW)

    overview, view = await pages.get("/dev/mail"), await pages.get(f"/dev/mail/{letter_id}")
    html = await pages.get(f"/dev/mail/{letter_id}/html")

    assert HOSTILE not in overview.text + view.text
    assert '<iframe sandbox="allow-popups"' in view.text
    assert HOSTILE in html.text
    assert html.headers["content-security-policy"].startswith("sandbox allow-popups; default-src 'none';")
    assert {each.headers["content-security-policy"].partition(";")[0] for each in (overview, view)} == {
        "default-src 'none'"
    }


@pytest.mark.parametrize("letter_id", ["..", "%2e%2e%2fletters", "20260301093000-000000-00000000", "x"])
async def test_there_is_no_other_file_to_be_had(pages: httpx.AsyncClient, letter_id: str) -> None:
    assert (await pages.get(f"/dev/mail/{letter_id}/html")).status_code == 404


def test_only_the_newest_letters_are_kept(letters: LetterFolder) -> None:
    ids = [letters.add(b"", at=NOW + timedelta(seconds=number)) for number in range(MOST_KEPT + 2)]

    assert letters.ids() == ids[:1:-1]


async def test_the_catcher_takes_many_letters_at_once(tmp_path: Path, letters: LetterFolder) -> None:
    server = await listen(tmp_path / "mail", host="127.0.0.1", port=0)
    smtp = SmtpServer("127.0.0.1", server.sockets[0].getsockname()[1])
    made = EmailMessage()
    made["To"] = "a@example.com"
    made.set_content("Text")

    await asyncio.gather(*(smtp.send(made, sender="us@example.com", recipient="a@example.com") for _ in range(20)))
    server.close()

    assert len(letters.ids()) == 20


def test_the_page_exists_only_where_letters_are_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMTP_URL", "SMS_MAIL_URL", FOLDER_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    home = Home(tmp_path)
    home.create()
    keys = load_keys(home.keys)

    caught = build_environment(home, keys, Addresses(_STORES, 4000, {}, mail_port=25))
    real = build_environment(home, keys, Addresses(_STORES, 4000, {}))

    assert (caught["SMTP_URL"], caught["SMS_MAIL_URL"]) == 2 * ("smtp://127.0.0.1:25",)
    assert caught[FOLDER_VARIABLE] == str(home.mail)
    assert not {"SMTP_URL", "SMS_MAIL_URL", FOLDER_VARIABLE} & set(real)
    assert mail_routes() == []
    monkeypatch.setenv(FOLDER_VARIABLE, str(home.mail))
    assert len(mail_routes()) == 4
