"""The port of text messages. The adapter for one machine hands them to the mail catcher, where /dev/mail shows them.

An operator's SMS service is one more class with `send`; none is bound to this platform yet.
"""

import smtplib
from asyncio import to_thread
from email.message import EmailMessage
from typing import Protocol

import structlog

from subgraphs.shared.errors import ServiceUnavailableError

CALL_TIMEOUT_SECONDS = 2.0
_PHONE_DOMAIN = "sms.reelgraph.example"

_log = structlog.get_logger()


class SmsGateway(Protocol):
    """Sends text messages."""

    async def send(self, number: str, text: str) -> None:
        """Hand the text over for the number, in E.164.

        Raises:
            ServiceUnavailableError: It was not taken.
        """
        ...


class NoSms:
    """For a platform without a way to send: codes by phone are not available there."""

    async def send(self, number: str, text: str) -> None:  # noqa: ARG002 - nothing is sent
        """Refuse.

        Raises:
            ServiceUnavailableError: Always.
        """
        raise ServiceUnavailableError("This platform sends no text messages.")


class CaughtSms:
    """Sends each text as a mail to the catcher of one machine; never to a person."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    async def send(self, number: str, text: str) -> None:
        """Hand the text over to the catcher.

        Raises:
            ServiceUnavailableError: It does not answer.
        """
        message = EmailMessage()
        message["From"] = f"Reelgraph <messages@{_PHONE_DOMAIN}>"
        message["To"] = f"{number}@{_PHONE_DOMAIN}"
        message["Subject"] = f"Text message to {number}"
        message.set_content(text)
        try:
            await to_thread(self._hand_over, message)
        except (OSError, smtplib.SMTPException) as error:
            _log.warning("sms_not_caught", error=type(error).__name__)
            raise ServiceUnavailableError("The text message could not be sent. Try again.") from error

    def _hand_over(self, message: EmailMessage) -> None:
        with smtplib.SMTP(self._host, self._port, timeout=CALL_TIMEOUT_SECONDS) as client:
            client.send_message(message)
