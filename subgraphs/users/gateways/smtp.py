"""The mail server, over SMTP.

What the caller must tell apart is whether the server may have the letter: before the end of DATA it has not, so that
another attempt is safe; once the text is under way and no answer comes, nobody knows.
"""

import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException

_TIMEOUT_SECONDS = 10.0
_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class MailNotSentError(Exception):
    """The letter was not taken. `reason` is a class and a code, never the server's words: they may hold the address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailDeferredError(MailNotSentError):
    """Not now: another attempt is safe."""


class MailRefusedError(MailNotSentError):
    """Never: the server refuses this letter for good."""


class MailInDoubtError(MailNotSentError):
    """The connection ended after the text was sent and before the server said what became of it."""


class MailGateway(Protocol):
    """Hands letters over."""

    async def send(self, letter: EmailMessage, *, sender: str, recipient: str) -> None:
        """Return when the server has taken the letter.

        Raises:
            MailDeferredError: It was not taken; try later.
            MailRefusedError: It will never be taken.
            MailInDoubtError: It may have been taken.
        """
        ...


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Address and credentials of a mail server; one connection per letter, as there are few."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    is_tls: bool = False
    is_starttls: bool = False
    timeout_seconds: float = _TIMEOUT_SECONDS

    @classmethod
    def parse(cls, url: str, *, timeout_seconds: float = _TIMEOUT_SECONDS) -> "SmtpServer":
        """Return the server of `smtp://`, `smtps://` or `smtp+starttls://[user:password@]host[:port]`.

        Raises:
            ValueError: It is none of these. The text is not repeated: it may hold a password.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("SMTP_URL must be smtp://, smtps:// or smtp+starttls:// with a host.")
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            is_tls=parts.scheme == "smtps",
            is_starttls=parts.scheme == "smtp+starttls",
            timeout_seconds=timeout_seconds,
        )

    async def send(self, letter: EmailMessage, *, sender: str, recipient: str) -> None:
        """Hand the letter over; see MailGateway."""
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            use_tls=self.is_tls,
            start_tls=self.is_starttls,
            timeout=self.timeout_seconds,
            tls_context=ssl.create_default_context() if self.is_tls or self.is_starttls else None,
            local_hostname="reelgraph",
        )
        try:
            await self._connect(client)
            await client.mail(sender)
            await _address(client, recipient)
            await _hand_over(client, letter)
            await _say_goodbye(client)
        except SMTPResponseException as error:
            # The server refuses us and not this letter: a setting is wrong, and waits to be mended.
            raise MailDeferredError(_reason(error)) from None
        except (SMTPException, OSError) as error:
            raise MailDeferredError(type(error).__name__) from None
        finally:
            client.close()

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        await client.connect()
        if self.username is not None:
            await client.login(self.username, self.password or "")


async def _address(client: aiosmtplib.SMTP, recipient: str) -> None:
    try:
        await client.rcpt(recipient)
    except SMTPResponseException as error:
        raise _answered(error) from None


async def _hand_over(client: aiosmtplib.SMTP, letter: EmailMessage) -> None:
    try:
        await client.data(letter.as_bytes(policy=SMTP))
    except SMTPResponseException as error:
        raise _answered(error) from None
    except (SMTPException, OSError) as error:
        raise MailInDoubtError(type(error).__name__) from None


async def _say_goodbye(client: aiosmtplib.SMTP) -> None:
    # The letter is taken: whatever goes wrong now is of no interest.
    with suppress(SMTPException, OSError):
        await client.quit()


def _answered(error: SMTPResponseException) -> MailNotSentError:
    """Return the failure that the server's answer means: 5yz is for good, anything else passes (RFC 5321, 4.2.1)."""
    return (MailRefusedError if 500 <= error.code < 600 else MailDeferredError)(_reason(error))


def _reason(error: SMTPResponseException) -> str:
    return f"{type(error).__name__} {error.code}"
