"""Changing the keys that sign tokens, while everything runs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey, RSAKey

from subgraphs.users.app import create_app
from subgraphs.users.config import Settings
from subgraphs.users.service.signing_keys import ACTIVATION_DELAY, SigningKeys, rotate
from subgraphs.users.service.tokens import TokenSigner
from tests.subgraphs.users.conftest import TurnedClock

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
OVERLAP = timedelta(minutes=20)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "access-token.pem"
    file.write_bytes(RSAKey.generate_key(2048).as_pem(private=True))
    file.chmod(0o600)
    return file


def ids(keys: SigningKeys, now: datetime) -> list[str]:
    return [key.key_id for key in keys.published(now)]


@pytest.mark.requirement("NFR-SEC-001")
def test_a_new_key_is_published_at_once_signs_later_and_the_old_one_stays_while_its_tokens_live(path: Path) -> None:
    keys = SigningKeys(path)
    old = keys.current(NOW).key_id

    published = rotate(path, now=NOW)

    new = published[-1]["kid"]
    active_from = NOW + ACTIVATION_DELAY
    assert ids(keys, NOW) == [old, new]
    assert keys.current(active_from - timedelta(seconds=1)).key_id == old
    assert keys.current(active_from).key_id == new
    assert ids(keys, active_from + OVERLAP - timedelta(seconds=1)) == [old, new]
    assert ids(keys, active_from + OVERLAP) == [new]


def test_what_was_signed_before_is_good_until_it_expires(path: Path) -> None:
    signer = TokenSigner.load(path, issuer="reelgraph", audience="reelgraph")
    expires_at = NOW + ACTIVATION_DELAY + timedelta(minutes=15)
    last_of_old = signer.sign({"exp": int(expires_at.timestamp())}, now=NOW + ACTIVATION_DELAY - timedelta(seconds=1))

    rotate(path, now=NOW)

    assert signer.verified(last_of_old, now=expires_at - timedelta(seconds=1)) is not None
    assert signer.verified(last_of_old, now=expires_at) is None
    fresh = signer.sign({"exp": int(expires_at.timestamp())}, now=NOW + ACTIVATION_DELAY)
    assert signer.verified(fresh, now=NOW + ACTIVATION_DELAY) is not None


def test_rotating_again_drops_what_is_retired_and_keeps_the_file_private(path: Path) -> None:
    first = rotate(path, now=NOW)
    second = rotate(path, now=NOW + timedelta(days=30))

    assert [key["kid"] for key in second][:-1] == [first[-1]["kid"]]
    assert path.stat().st_mode & 0o777 == 0o600
    assert all("d" not in key for key in second)
    assert list(path.parent.iterdir()) == [path]


def test_three_rotations_in_a_row_lose_no_key_that_is_needed(path: Path) -> None:
    old = SigningKeys(path).current(NOW).key_id

    published = [rotate(path, now=NOW + timedelta(minutes=minute)) for minute in range(3)][-1]

    assert len(published) == 4
    assert published[0]["kid"] == old


def test_a_file_that_breaks_while_we_run_ends_nothing(path: Path) -> None:
    keys = SigningKeys(path)
    before = ids(keys, NOW)

    path.write_text("nonsense")
    assert ids(keys, NOW) == before
    path.unlink()
    assert ids(keys, NOW) == before


@pytest.mark.parametrize("content", [b"", b"nonsense", RSAKey.generate_key(2048).as_pem(private=False)])
def test_a_file_without_a_private_rsa_key_is_refused_at_the_start(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(ValueError, match="holds no private RSA key"):
        SigningKeys(path)


def test_a_key_of_another_kind_is_refused_at_the_start(path: Path) -> None:
    path.write_bytes(ECKey.generate_key("P-256").as_pem(private=True))

    with pytest.raises(ValueError, match="holds no private RSA key"):
        SigningKeys(path)


@pytest.mark.requirement("NFR-SEC-001")
async def test_the_published_set_follows_the_file_without_a_restart(
    settings: Settings, clock: TurnedClock, path: Path
) -> None:
    app = create_app(settings.model_copy(update={"access_token_key_file": path}), clock=clock)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://users") as http:
        before = (await http.get("/.well-known/jwks.json")).json()["keys"]
        rotate(path, now=clock.now)
        after = (await http.get("/.well-known/jwks.json")).json()["keys"]

    assert after[:1] == before
    assert len(after) == 2
