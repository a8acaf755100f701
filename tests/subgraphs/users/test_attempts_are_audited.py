"""Every attempt to prove who one is leaves an entry, also the refused ones, and none of what was typed."""

from typing import Any

import pytest

from tests.subgraphs.users.support import Client

SECRET = "Typed-Secret-7"
ADDRESS = "nobody-here@example.com"

ATTEMPTS = {
    "auth.login": f'mutation {{ login(input: {{email: "{ADDRESS}", password: "{SECRET}"}}) {{ __typename }} }}',
    "auth.email_verify": f'mutation {{ emailVerify(token: "{SECRET}") {{ __typename }} }}',
    "auth.password_reset": (
        f'mutation {{ passwordReset(token: "{SECRET}", newPassword: "{SECRET}") {{ ok errors {{ code }} }} }}'
    ),
    "auth.password_reset_request": f'mutation {{ passwordResetRequest(email: "{ADDRESS}") {{ ok }} }}',
    "auth.otp_verify": f'mutation {{ otpVerify(phone: "+919812345678", code: "{SECRET}") {{ __typename }} }}',
    "auth.provider_login": (
        f'mutation {{ loginWithProvider(input: {{provider: GOOGLE, code: "{SECRET}", codeVerifier: "{SECRET * 4}", '
        f'redirectUri: "https://app.test/back", state: "{SECRET}"}}) {{ __typename }} }}'
    ),
    "auth.token_refresh": f'mutation {{ tokenRefresh(refreshToken: "{SECRET}.a.b") {{ __typename }} }}',
    "auth.pairing_login": f'mutation {{ devicePairingPoll(deviceCode: "{SECRET}") {{ __typename }} }}',
}


@pytest.mark.requirement("FF-02")
@pytest.mark.parametrize("action", ATTEMPTS)
async def test_an_attempt_of_nobody_is_recorded(client: Client, action: str) -> None:
    answer = await client.run(ATTEMPTS[action])

    rows: list[Any] = await client.sql("SELECT * FROM audit_entries")
    assert [row["action"] for row in rows] == [action], answer
    assert rows[0]["actor_id"] is None
    assert ADDRESS not in str(rows)
    assert SECRET not in str(rows)
    assert "9812345678" not in str(rows)
