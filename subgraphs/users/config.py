"""Settings of the users subgraph, and the numbers that requirements fix."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from subgraphs.shared.config import SharedSettings

ACCESS_TOKEN_LIFETIME = timedelta(minutes=15)
REFRESH_TOKEN_LIFETIME = timedelta(days=7)

PASSWORD_MIN_LENGTH = 8
PASSWORD_MAX_BYTES = 72
"""bcrypt reads no more than this; a longer password is refused instead of being cut in silence."""

WRONG_PASSWORDS = 5
WRONG_PASSWORDS_WINDOW = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)

EMAIL_TOKEN_LIFETIME = timedelta(hours=24)
PASSWORD_RESET_LIFETIME = timedelta(hours=1)
LETTER_AGAIN_AFTER = timedelta(minutes=1)
"""Asked for again sooner, the letter that is on its way must do."""

SIGNED_IN_LATELY = timedelta(minutes=15)
"""For so long after signing in, an account without a password needs no other proof for what would need it."""

PIN_PATTERN = r"[0-9]{4,6}"

PROVIDER_FLOW_LIFETIME = timedelta(minutes=10)
"""How long somebody may stay with a sign-in provider before coming back."""

OTP_DIGITS = 6
OTP_LIFETIME = timedelta(minutes=5)
OTP_MAX_TRIES = 5
OTP_RESEND_AFTER = timedelta(seconds=30)
OTP_SENDS_PER_WINDOW = 5
OTP_SEND_WINDOW = timedelta(hours=1)

PAIRING_LIFETIME = timedelta(minutes=10)
PAIRING_INTERVAL_SECONDS = 5
PAIRING_SLOW_DOWN_SECONDS = 5
PAIRING_MAX_TRIES = 10
PAIRING_TRIES_WINDOW = timedelta(minutes=15)

OAUTH_CODE_LIFETIME = timedelta(seconds=60)
OAUTH_SIGN_IN_LIFETIME = timedelta(minutes=30)
"""How long the pages below /oauth remember who signed in on them."""

MAX_PROFILES = 5
PROFILE_NAME_MAX_LENGTH = 50
MAX_AUDIO_LANGUAGES = 10


class PersonalDataSettings(SharedSettings):
    """What the users subgraph and the worker share. Names are the environment variables."""

    users_database: str = Field(default="users", description="Name of the PostgreSQL database of the users subgraph.")
    personal_data_keys: str = Field(
        repr=False,
        description="Keys that seal phone numbers, stored tokens and letters: `<id>:<base64url of 32 bytes>`, "
        "comma-separated. The first one seals, all open.",
    )
    personal_data_lookup_key: str = Field(
        min_length=32, repr=False, description="Secret of the digests by which sealed values and addresses are found."
    )
    denied_tokens_stream: str = Field(
        default="denied-tokens", description="Valkey stream that tells routers which sessions' access tokens to refuse."
    )


class WorkerSettings(PersonalDataSettings):
    """What the worker needs for this subgraph's batches: letters, notices, privacy. It signs no tokens."""

    smtp_url: str = Field(
        default="",
        repr=False,
        description="Mail server: `smtp://`, `smtps://` or `smtp+starttls://[user:password@]host[:port]`. Empty: "
        "letters wait.",
    )
    mail_from: str = Field(
        default="Reelgraph <no-reply@reelgraph.example>", description="Sender of letters, with or without a name."
    )
    web_url: str = Field(
        default="http://127.0.0.1:4000",
        description="Where the web client is; links in letters and to previews lead below it.",
    )


class ProviderSettings(SharedSettings):
    """Credentials at sign-in providers; a provider without them is not offered."""

    google_client_id: str = Field(default="", description="Our client id at Google; empty offers no sign-in with it.")
    google_client_secret: str = Field(default="", repr=False, description="Our client secret at Google.")
    google_issuer: str = Field(
        default="https://accounts.google.com",
        description="`iss` of Google's tokens; its discovery document is below it.",
    )
    facebook_client_id: str = Field(default="", description="Our app id at Facebook; empty offers no sign-in with it.")
    facebook_client_secret: str = Field(default="", repr=False, description="Our app secret at Facebook.")
    facebook_dialog_url: str = Field(
        default="https://www.facebook.com/v23.0/dialog/oauth", description="Where Facebook asks people."
    )
    facebook_graph_url: str = Field(
        default="https://graph.facebook.com/v23.0", description="Facebook's Graph API, with its version."
    )
    facebook_email_is_verified: bool = Field(
        default=False,
        description="Whether an address that Facebook gives counts as verified. Facebook itself does not say.",
    )
    provider_redirect_uris: list[str] = Field(
        default_factory=list,
        description="JSON list: addresses of our clients to which providers may send people back. They are registered "
        "at the providers, too.",
    )


class Settings(PersonalDataSettings, ProviderSettings):
    """Settings of the subgraph itself. Names are the environment variables."""

    access_token_key_file: Path = Field(description="PEM file of the private RSA key that signs access tokens.")
    access_token_issuer: str = Field(default="reelgraph", description="`iss` of access tokens.")
    access_token_audience: str = Field(default="reelgraph", description="`aud` of access tokens.")
    session_cookie_secure: bool = Field(
        default=True, description="Whether the cookie with a refresh token goes over TLS only; false for plain HTTP."
    )
    password_hash_cost: int = Field(default=12, ge=4, le=16, description="bcrypt cost; below 12 only in tests.")
    password_hash_threads: int = Field(default=2, ge=1, le=16, description="Passwords hashed at once per process.")
    password_hash_queue: int = Field(
        default=64, ge=1, description="Passwords that may wait for a thread; beyond that sign-in is unavailable."
    )
    password_hash_wait_seconds: float = Field(
        default=1.5, gt=0, description="How long a password waits for a thread before sign-in is unavailable."
    )
    password_hash_run_seconds: float = Field(
        default=2.5, gt=0, description="How long hashing may take; with the wait less than the router's patience."
    )
    sms_mail_url: str = Field(
        default="",
        repr=False,
        description="SMTP server that gets text messages as mails, for one machine; as SMTP_URL. Empty: codes by phone "
        "are not available.",
    )
    pairing_url: str = Field(
        default="", description="Where viewers approve a television; PUBLIC_URL with `/oauth/device` unless given."
    )
