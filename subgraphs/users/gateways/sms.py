"""The port of text messages. The adapter for one machine hands them to the mail catcher, where /dev/mail shows them.

An operator's SMS service is one more class with `send`; none is bound to this platform yet.
"""

from email.message import EmailMessage
from typing import Protocol

import structlog

from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.users.gateways.smtp import MailGateway, MailNotSentError

_DOMAIN = "sms.reelgraph.example"
_SENDER = f"messages@{_DOMAIN}"

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

    def __init__(self, mail: MailGateway) -> None:
        self._mail = mail

    async def send(self, number: str, text: str) -> None:
        """Hand the text over to the catcher.

        Raises:
            ServiceUnavailableError: It did not take it.
        """
        recipient = f"{number}@{_DOMAIN}"
        letter = EmailMessage()
        letter["From"] = f"Reelgraph <{_SENDER}>"
        letter["To"] = recipient
        letter["Subject"] = f"Text message to {number}"
        letter.set_content(text)
        try:
            await self._mail.send(letter, sender=_SENDER, recipient=recipient)
        except MailNotSentError as error:
            _log.warning("sms_not_sent", reason=error.reason)
            raise ServiceUnavailableError("The text message could not be sent. Try again.") from error
