"""The secrets of one machine's stack."""

import json
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from stack.keys import load_keys, rotate_access_token_keys


def test_a_token_signed_with_the_private_key_is_valid_by_the_published_keys(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)
    published = KeySet.import_key_set(json.loads(keys.jwks_file.read_text(encoding="ascii")))
    signer = RSAKey.import_key(keys.access_token_key_file.read_text(encoding="ascii"))

    token = jwt.encode({"alg": "RS256", "kid": published.keys[0].kid}, {"sub": "someone"}, signer)

    assert jwt.decode(token, published, algorithms=["RS256"]).claims == {"sub": "someone"}


def test_the_published_keys_hold_no_private_part(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)

    published = json.loads(keys.jwks_file.read_text(encoding="ascii"))["keys"]

    assert [sorted(key) for key in published] == [["alg", "e", "kid", "kty", "n", "use"]]


def test_keys_are_made_once(tmp_path: Path) -> None:
    first = load_keys(tmp_path)
    private_key = first.access_token_key_file.read_bytes()

    second = load_keys(tmp_path)

    assert second == first
    assert second.access_token_key_file.read_bytes() == private_key


def test_no_other_user_may_read_a_key(tmp_path: Path) -> None:
    load_keys(tmp_path)

    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "access-token.pem": 0o600,
        "jwks.json": 0o600,
        "viewer-context.key": 0o600,
        "media-signing.key": 0o600,
        "personal-data.keys": 0o600,
        "personal-data-lookup.key": 0o600,
        "postgres.password": 0o600,
        "valkey.password": 0o600,
    }


def test_every_secret_is_its_own(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)

    secrets = {
        keys.viewer_context_key,
        keys.media_signing_key,
        keys.personal_data_keys,
        keys.personal_data_lookup_key,
        keys.postgres_password,
        keys.valkey_password,
    }
    assert len(secrets) == 6
    assert min(map(len, secrets)) >= 32


def test_a_rotated_key_is_published_beside_the_old_one(tmp_path: Path) -> None:
    before = json.loads(load_keys(tmp_path).jwks_file.read_text(encoding="ascii"))["keys"]

    rotate_access_token_keys(tmp_path)

    after = json.loads(load_keys(tmp_path).jwks_file.read_text(encoding="ascii"))["keys"]
    assert [key["kid"] for key in after[:-1]] == [key["kid"] for key in before]
    assert [sorted(key) for key in after] == [["alg", "e", "kid", "kty", "n", "use"]] * 2
