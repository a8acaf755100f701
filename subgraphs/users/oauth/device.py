"""/oauth/device: a viewer types the code that a television shows, looks at what it is, and approves it or not."""

from datetime import UTC
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import DeviceType
from subgraphs.users.context import Context
from subgraphs.users.errors import RefusedError
from subgraphs.users.models import AuditAction, User
from subgraphs.users.oauth.browsers import is_own_form
from subgraphs.users.oauth.forms import form_of, query_of
from subgraphs.users.oauth.pages import device_page, message_page, user_code_page
from subgraphs.users.oauth.runtime import OAuthRuntime, context_of
from subgraphs.users.oauth.signing_in import account_of, ask_to_sign_in, sign_in
from subgraphs.users.service import audit

PATH = "/oauth/device"
_BAD_REQUEST = 400
_KINDS = {
    DeviceType.WEB: "Browser",
    DeviceType.MOBILE: "Phone",
    DeviceType.TABLET: "Tablet",
    DeviceType.TV: "Television",
    DeviceType.SET_TOP_BOX: "Set-top box",
    DeviceType.CAST: "Cast device",
    DeviceType.CONSOLE: "Game console",
}


async def show_device(runtime: OAuthRuntime, request: Request) -> Response:
    """GET: ask who it is, then for the code. A code in the address, from a QR code, is filled in, not followed."""
    user_code = query_of(request).get("user_code", "")
    context = context_of(runtime, request)
    visit = await runtime.visits.current(request, now=context.now)
    if visit is None or await account_of(runtime, visit) is None:
        return await ask_to_sign_in(runtime, visit, hidden={"user_code": user_code}, now=context.now)
    return user_code_page({"csrf": visit.csrf}, user_code=user_code)


async def decide_device(runtime: OAuthRuntime, request: Request) -> Response:
    """POST: the answer to either page."""
    form = await form_of(request)
    context = context_of(runtime, request)
    visit = await runtime.visits.current(request, now=context.now)
    if visit is None or not is_own_form(request, visit, form.get("csrf", ""), issuer=runtime.issuer):
        return message_page("This page is out of date", "Begin again.", status=403)
    user_code = form.get("user_code", "")
    hidden = {"user_code": user_code}
    go_on = f"{PATH}?{urlencode(hidden)}"
    if form.get("step") == "sign_in":
        return await sign_in(runtime, request, visit=visit, form=form, hidden=hidden, go_on=go_on)
    user = await account_of(runtime, visit)
    if user is None:
        return RedirectResponse(go_on, status_code=303)
    try:
        return await _answer(context, user, form.get("step", ""), user_code=user_code, csrf=visit.csrf)
    except RefusedError as error:
        refusal = error.refusals[0]
        await context.record_failure(AuditAction.PAIRING_APPROVE, refusal.cause, subject=encode_id("User", user.id))
        return user_code_page({"csrf": visit.csrf}, error=refusal.message, status=_BAD_REQUEST)


async def _answer(context: Context, user: User, step: str, *, user_code: str, csrf: str) -> Response:
    pairings = context.ways.pairings
    if step not in {"allow", "refuse"}:
        device = await pairings.waiting(user_code, user_id=user.id, now=context.now)
        shown = f"{_KINDS[device.type]}, asked from {device.country} at "
        return device_page(
            {"csrf": csrf, "user_code": user_code},
            device=device.name or device.client_id,
            details=f"{shown}{device.started_at.astimezone(UTC):%H:%M} UTC",
            email=user.email or "",
        )
    is_allowed = step == "allow"
    await pairings.decide(user_code, approve=is_allowed, user_id=user.id, profile_id=None, now=context.now)
    change = audit.Change("pairing", None, "APPROVED" if is_allowed else "DENIED")
    async with context.database.writing() as session:
        await audit.record(
            session,
            AuditAction.PAIRING_APPROVE,
            origin=context.origin,
            now=context.now,
            subject=encode_id("User", user.id),
            changes=[change],
        )
    if is_allowed:
        return message_page("Approved", "The device signs in within a few seconds.")
    return message_page("Refused", "The device does not get in.")
