"""/oauth/authorize: a client sends a viewer here, who signs in and allows or refuses, and goes back with a code."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from subgraphs.users.errors.oauth import OAuthError, RedirectedError, UnknownClientError
from subgraphs.users.models import User
from subgraphs.users.oauth.browsers import Visit, is_own_form
from subgraphs.users.oauth.forms import form_of, query_of
from subgraphs.users.oauth.pages import consent_page, message_page
from subgraphs.users.oauth.runtime import OAuthRuntime, context_of
from subgraphs.users.oauth.signing_in import account_of, ask_to_sign_in, record, sign_in
from subgraphs.users.service.oauth.authorization import (
    SCOPES,
    AuthorizationRequest,
    check_request,
    check_target,
    issue_code,
)
from subgraphs.users.service.oauth.clients import find_client

PATH = "/oauth/authorize"
_PARAMETERS = (
    *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
    *("code_challenge", "code_challenge_method", "prompt", "request", "request_uri"),
)


async def show_authorization(runtime: OAuthRuntime, request: Request) -> Response:
    """GET: ask who it is, then whether the client may."""
    given = _parameters(query_of(request))
    checked = await _checked(runtime, given)
    if isinstance(checked, Response):
        return checked
    context = context_of(runtime, request)
    visit = await runtime.visits.current(request, now=context.now)
    user = await account_of(runtime, visit)
    if given.get("prompt") == "none":
        # Every client asks the viewer anew, so that nothing is given without a look at it.
        word = "login_required" if user is None else "consent_required"
        return _back(runtime, given, RedirectedError(word, "The viewer must be asked."))
    if user is None or visit is None:
        return await ask_to_sign_in(runtime, visit, hidden=given, now=context.now)
    return consent_page(
        {**given, "csrf": visit.csrf},
        client=checked.client_name,
        email=user.email or "",
        wishes=[SCOPES.get(scope, f"use the permission {scope}, if you have it") for scope in checked.scopes],
        redirect_uri=checked.redirect_uri,
    )


async def decide_authorization(runtime: OAuthRuntime, request: Request) -> Response:
    """POST: the answer to either page. The request is checked again: it came through the browser."""
    form = await form_of(request)
    given = _parameters(form)
    checked = await _checked(runtime, given)
    if isinstance(checked, Response):
        return checked
    context = context_of(runtime, request)
    visit = await runtime.visits.current(request, now=context.now)
    if visit is None or not is_own_form(request, visit, form.get("csrf", ""), issuer=runtime.issuer):
        return message_page("This page is out of date", "Go back to the app and begin again.", status=403)
    again = f"{PATH}?{urlencode(given)}"
    step = form.get("step")
    if step == "sign_in":
        return await sign_in(runtime, request, visit=visit, form=form, hidden=given, go_on=again)
    if step == "refuse":
        return _back(runtime, given, RedirectedError("access_denied", "The viewer refused."))
    user = await account_of(runtime, visit)
    if step != "allow" or user is None:
        await runtime.visits.end(visit, now=context.now)
        return RedirectResponse(again, status_code=303)
    return await _allow(runtime, request, checked, visit=visit, user=user)


async def _allow(
    runtime: OAuthRuntime, request: Request, asked: AuthorizationRequest, *, visit: Visit, user: User
) -> Response:
    context = context_of(runtime, request)
    code = await issue_code(
        runtime.server.codes,
        asked,
        user_id=user.id,
        signed_in_at=visit.signed_in_at or context.now,
        now=context.now,
    )
    await record(context, user)
    return _redirect(runtime, asked.redirect_uri, {"code": code}, state=asked.state)


async def _checked(runtime: OAuthRuntime, given: dict[str, str]) -> AuthorizationRequest | Response:
    """Return the request, or the refusal: a page when it must not go back to where it claims to come from."""
    try:
        found = await find_client(runtime.server.database, given.get("client_id", ""))
        client = check_target(found, given.get("redirect_uri", ""))
    except UnknownClientError:
        text = "The app that sent you here is not known, or wants to take you somewhere that it did not register."
        return message_page("This cannot go on", text, status=400)
    try:
        return check_request(client, given)
    except RedirectedError as error:
        return _back(runtime, given, error)


def _back(runtime: OAuthRuntime, given: dict[str, str], error: OAuthError) -> Response:
    answer = {"error": error.error, "error_description": error.description}
    return _redirect(runtime, given["redirect_uri"], answer, state=given.get("state"))


def _redirect(runtime: OAuthRuntime, redirect_uri: str, answer: dict[str, str], *, state: str | None) -> Response:
    # Who answers is said (RFC 9207), so that a client of several servers cannot be made to mix them up.
    parameters = {**answer, **({"state": state} if state is not None else {}), "iss": runtime.issuer}
    parts = urlsplit(redirect_uri)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()])
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    return RedirectResponse(parts._replace(query=query).geturl(), status_code=303, headers=headers)


def _parameters(given: dict[str, str]) -> dict[str, str]:
    return {name: given[name] for name in _PARAMETERS if name in given}
