"""Parts of films in the local folder: signed, resumable, frozen when they are complete, joined once."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from media import storage
from media.storage import LocalStore, PartAddress, PartMissingError, UploadGoneError

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
UPLOAD = "00000000-0000-0000-0000-000000000001"
FIRST, SECOND = b"a" * 1000, b"b" * 10


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    store = LocalStore(tmp_path, key="k" * 32)
    store.begin(UPLOAD)
    return store


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(store: LocalStore, number: int, data: bytes) -> str:
    with store.receive(UPLOAD, number) as receiving:
        receiving.write(data)
        return receiving.keep().etag


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_parts_come_in_any_order_and_become_one_file(store: LocalStore, tmp_path: Path) -> None:
    etags = [put(store, 2, SECOND), put(store, 1, FIRST)][::-1]
    arrived = [(part.number, part.size_bytes, part.etag) for part in store.parts(UPLOAD)]

    store.complete(UPLOAD, etags)
    store.complete(UPLOAD, etags)
    original, again = store.original(UPLOAD), store.original(UPLOAD)

    assert arrived == [(1, 1000, etags[0]), (2, 10, etags[1])]
    assert original == again
    assert (original.path.read_bytes(), original.size_bytes) == (FIRST + SECOND, 1010)
    assert original.sha256 == digest(FIRST + SECOND)
    assert files(tmp_path) == [f"originals/{UPLOAD}/whole-{original.sha256}"]


def test_a_part_that_comes_again_takes_the_place_of_the_first(store: LocalStore) -> None:
    old = put(store, 1, FIRST)
    new = put(store, 1, SECOND)

    assert [(part.size_bytes, part.etag) for part in store.parts(UPLOAD)] == [(10, new)]
    with pytest.raises(PartMissingError) as raised:
        store.complete(UPLOAD, [old])
    assert raised.value.number == 1
    assert [part.etag for part in store.parts(UPLOAD)] == [new]


def test_a_part_that_is_not_kept_leaves_nothing(store: LocalStore, tmp_path: Path) -> None:
    with store.receive(UPLOAD, 1) as receiving:
        receiving.write(FIRST)

    assert files(tmp_path) == []


def test_a_part_that_comes_too_late_changes_nothing(store: LocalStore, tmp_path: Path) -> None:
    etag = put(store, 1, FIRST)
    with store.receive(UPLOAD, 1) as receiving:
        receiving.write(SECOND)
        store.complete(UPLOAD, [etag])

        with pytest.raises(UploadGoneError):
            receiving.keep()

    assert files(tmp_path) == [f"originals/{UPLOAD}/00001-{etag}"]
    with pytest.raises(UploadGoneError):
        store.receive(UPLOAD, 1)


def test_joining_goes_on_after_it_broke_off(store: LocalStore, tmp_path: Path) -> None:
    etag = put(store, 1, FIRST)
    store.complete(UPLOAD, [etag])
    folder = tmp_path / "originals" / UPLOAD
    (folder / ".whole").write_bytes(b"half")

    original = store.original(UPLOAD)

    assert original.path.read_bytes() == FIRST
    assert files(folder) == [original.path.name]


def test_two_that_join_the_same_parts_get_the_same_file(
    store: LocalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    etags = [put(store, 1, FIRST), put(store, 2, SECOND)]
    store.complete(UPLOAD, etags)
    folder = tmp_path / "originals" / UPLOAD
    listed = storage._entries(folder)
    other = store.original(UPLOAD)
    views = iter([listed])  # as the second one saw the folder, before the first one was done
    monkeypatch.setattr(storage, "_entries", lambda place: next(views, None) or list(place.iterdir()))

    own = store.original(UPLOAD)

    assert own == other
    assert own.path.read_bytes() == FIRST + SECOND
    assert [name for name in files(folder) if not name.startswith(".whole-")] == [own.path.name]


def test_what_is_discarded_or_never_was_is_gone(store: LocalStore, tmp_path: Path) -> None:
    put(store, 1, FIRST)

    store.discard(UPLOAD)
    store.discard(UPLOAD)

    assert files(tmp_path) == []
    assert store.parts(UPLOAD) == []
    with pytest.raises(UploadGoneError):
        store.complete(UPLOAD, [digest(FIRST)])
    with pytest.raises(UploadGoneError):
        store.original(UPLOAD)


def test_a_stream_takes_the_place_of_the_one_before(store: LocalStore, tmp_path: Path) -> None:
    for text in ("old", "new"):
        folder = tmp_path / "made"
        folder.mkdir()
        (folder / f"{text}.m3u8").write_text(text)
        store.publish(folder, UPLOAD)

    assert files(tmp_path) == [f"streams/{UPLOAD}/new.m3u8"]


def test_an_address_holds_for_its_part_its_size_and_its_time(store: LocalStore, tmp_path: Path) -> None:
    path = store.sign_part(UPLOAD, 3, size_bytes=1000, expires_at=NOW)
    *_, upload, number, size, expiry, signature = path.split("/")
    address = PartAddress(upload, int(number), int(size), int(expiry))
    before = NOW - timedelta(seconds=1)
    other_key = LocalStore(tmp_path, key="x" * 32)

    assert store.is_signed(address, signature, now=before)
    assert not store.is_signed(address, signature, now=NOW)
    assert not other_key.is_signed(address, signature, now=before)
    for changed in (
        PartAddress(upload, 4, 1000, address.expiry),
        PartAddress(upload, 3, 1001, address.expiry),
        PartAddress(upload, 3, 1000, address.expiry + 1),
        PartAddress(UPLOAD[:-1] + "2", 3, 1000, address.expiry),
    ):
        assert not store.is_signed(changed, signature, now=before)


@pytest.mark.parametrize("name", ["../x", "", "A", "a/b", "a" * 65])
def test_names_lead_nowhere_else(store: LocalStore, name: str) -> None:
    with pytest.raises(ValueError):
        store.begin(name)
