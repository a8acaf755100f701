"""The secrets of one machine's stack, made once and kept in `.reelgraph/keys`, never in the repository.

Production gets its secrets from the environment; then nothing here is used.
"""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_RSA_BITS = 2048
_SECRET_BYTES = 32


@dataclass(frozen=True)
class Keys:
    """Every secret that the stack hands to its services."""

    access_token_key_file: Path
    """Private RSA key, PEM; its public half with the key's id is in `jwks_file`."""
    jwks_file: Path
    viewer_context_key: str
    media_signing_key: str
    personal_data_keys: str
    personal_data_lookup_key: str
    postgres_password: str
    valkey_password: str


def load_keys(folder: Path) -> Keys:
    """Return the keys in the folder, making those that are missing. Existing ones are never replaced."""
    private_key, jwks = access_token_keys(folder)
    return Keys(
        access_token_key_file=private_key,
        jwks_file=jwks,
        viewer_context_key=_secret(folder / "viewer-context.key"),
        media_signing_key=_secret(folder / "media-signing.key"),
        personal_data_keys=_sealing_key(folder / "personal-data.keys"),
        personal_data_lookup_key=_secret(folder / "personal-data-lookup.key"),
        postgres_password=_secret(folder / "postgres.password"),
        valkey_password=_secret(folder / "valkey.password"),
    )


def access_token_keys(folder: Path) -> tuple[Path, Path]:
    """Return the files of the private key and of the published one, made where one is missing."""
    private_key = folder / "access-token.pem"
    jwks = folder / "jwks.json"
    if not (private_key.exists() and jwks.exists()):
        _make_access_token_keys(private_key, jwks)
    return private_key, jwks


def rotate_access_token_keys(folder: Path) -> datetime:
    """Add a new signing key to those in the folder, and return when it begins to sign; it is published at once.

    Everything that runs takes it in by itself. Keys whose tokens have all expired are dropped.

    Raises:
        OSError: The keys cannot be read or written.
        ValueError: There is no private RSA key.
    """
    from subgraphs.users.service.signing_keys import ACTIVATION_DELAY, rotate  # slow to import, for this alone

    private_key, jwks = access_token_keys(folder)
    now = datetime.now(UTC)
    _write(jwks, json.dumps({"keys": rotate(private_key, now=now)}))
    return now + ACTIVATION_DELAY


def _secret(path: Path) -> str:
    if not path.exists():
        _write(path, secrets.token_urlsafe(_SECRET_BYTES))
    return path.read_text(encoding="ascii").strip()


def _sealing_key(path: Path) -> str:
    if not path.exists():
        _write(path, f"k1:{base64.urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).decode('ascii')}")
    return path.read_text(encoding="ascii").strip()


def _make_access_token_keys(private_key: Path, jwks: Path) -> None:
    from joserfc.jwk import RSAKey  # slow to import and needed once in a stack's life

    key = RSAKey.generate_key(_RSA_BITS, parameters={"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)
    _write(private_key, key.as_pem(private=True).decode("ascii"))
    _write(jwks, json.dumps({"keys": [key.as_dict(private=False)]}))


def _write(path: Path, text: str) -> None:
    """Write a file that only we may read, complete or not at all."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text, encoding="ascii")
    unfinished.rename(path)
