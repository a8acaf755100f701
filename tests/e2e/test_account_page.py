"""The page of one's own account: everything in one request, and nothing of anybody else's."""

from typing import Any

import pytest

from tests.e2e.platform import Platform
from tests.e2e.sessions import login, result_of

PAGE = """{
  viewer {
    profile { id name }
    account {
      id email phone status hasPassword roles locale stateCode
      profiles { id name hasPin } identities { provider } consents { purpose } deletionScheduledFor
      devices { id name type current } sessions { id current device { id } }
      notificationPreferences { kind channels } notifications(first: 3) { unreadCount }
      daysLeft subscription { status currentPeriodEnd plan { code tier } }
      invoices(first: 5) { edges { node { number total { amountMinor currency } } } }
      payments(first: 5) { edges { node { status amount { amountMinor } } } }
    }
  }
}"""


@pytest.mark.requirement("CL-06")
async def test_the_account_with_devices_sessions_plan_and_bills_is_one_request(platform: Platform) -> None:
    tokens = result_of(await login(platform, "annual"))
    platform.calls.clear()

    viewer = (await platform.data(PAGE, token=tokens["accessToken"]))["viewer"]

    account: dict[str, Any] = viewer["account"]
    assert sorted(platform.calls) == ["billing", "users"]
    assert (account["email"], account["status"], account["hasPassword"]) == (tokens["account"]["email"], "ACTIVE", True)
    assert viewer["profile"]["id"] in [profile["id"] for profile in account["profiles"]]
    assert [session["current"] for session in account["sessions"]].count(True) == 1
    assert [device["current"] for device in account["devices"]].count(True) == 1
    assert account["subscription"]["plan"] == {"code": "annual", "tier": "PREMIUM"}
    assert account["daysLeft"] >= 0
    assert all(edge["node"]["total"]["currency"] == "INR" for edge in account["invoices"]["edges"])
    assert {preference["kind"] for preference in account["notificationPreferences"]} >= {"SECURITY", "NEW_DEVICE"}


@pytest.mark.requirement("CL-06")
async def test_nobody_has_no_account_page(platform: Platform) -> None:
    assert (await platform.data(PAGE))["viewer"] == {"profile": None, "account": None}
