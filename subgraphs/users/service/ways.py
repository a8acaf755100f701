"""The ways to sign in beside a password, put together from the settings: what a process opens once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from subgraphs.shared.clock import Clock
from subgraphs.shared.redis import Cache
from subgraphs.users.config import PROVIDER_FLOW_LIFETIME, Settings
from subgraphs.users.gateways.providers import SignInProvider
from subgraphs.users.gateways.sms import CaughtSms, NoSms, SmsGateway
from subgraphs.users.gateways.smtp import SmtpServer
from subgraphs.users.models import IdentityProvider
from subgraphs.users.repository.one_time import OneTimeStore
from subgraphs.users.repository.pairings import PairingStore
from subgraphs.users.repository.phone_codes import PhoneCodeStore
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.pairing import Pairings
from subgraphs.users.service.phone_codes import PhoneCodes
from subgraphs.users.service.providers import ProviderSignIns

_SMS_TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class SignInWays:
    """What a request may use."""

    providers: ProviderSignIns
    phone_codes: PhoneCodes
    pairings: Pairings


@asynccontextmanager
async def open_ways(
    settings: Settings, cache: Cache, personal: PersonalData, *, clock: Clock
) -> AsyncIterator[SignInWays]:
    """Open the connections that the settings ask for, and close them after the block."""
    providers = ProviderSignIns(
        _providers(settings, clock),
        OneTimeStore(cache, "provider", lifetime=PROVIDER_FLOW_LIFETIME),
        redirect_uris=settings.provider_redirect_uris,
    )
    try:
        yield SignInWays(
            providers=providers,
            phone_codes=PhoneCodes(PhoneCodeStore(cache), _sms(settings), personal),
            pairings=Pairings(PairingStore(cache)),
        )
    finally:
        await providers.close()


def _providers(settings: Settings, clock: Clock) -> dict[IdentityProvider, SignInProvider]:
    providers: dict[IdentityProvider, SignInProvider] = {}
    if not (settings.google_client_id or settings.facebook_client_id):
        return providers
    # Authlib and its HTTP client: only for whom they serve.
    from subgraphs.users.gateways.facebook import FacebookSignIn
    from subgraphs.users.gateways.google import GoogleSignIn
    from subgraphs.users.gateways.provider_calls import ProviderCalls

    if settings.google_client_id:
        calls = ProviderCalls(settings.google_client_id, settings.google_client_secret)
        providers[IdentityProvider.GOOGLE] = GoogleSignIn(calls, issuer=settings.google_issuer, clock=clock)
    if settings.facebook_client_id:
        providers[IdentityProvider.FACEBOOK] = FacebookSignIn(
            ProviderCalls(settings.facebook_client_id, settings.facebook_client_secret),
            app_secret=settings.facebook_client_secret,
            dialog_url=settings.facebook_dialog_url,
            graph_url=settings.facebook_graph_url,
            trusts_email=settings.facebook_email_is_verified,
        )
    return providers


def _sms(settings: Settings) -> SmsGateway:
    if not settings.sms_mail_url:
        return NoSms()
    return CaughtSms(SmtpServer.parse(settings.sms_mail_url, timeout_seconds=_SMS_TIMEOUT_SECONDS))
