"""Which programs may be registered."""

import pytest

from subgraphs.users.errors.oauth import ClientInvalidError
from subgraphs.users.models import OAuthClient
from subgraphs.users.service.oauth.clients import describe_client
from tests.subgraphs.users.signin.conftest import BEGINNING


def described(*redirect_uris: str, client_id: str = "app", name: str = "App") -> OAuthClient:
    return describe_client(client_id, name=name, redirect_uris=redirect_uris, scopes=["openid"], now=BEGINNING)


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/callback?x=1",
        "http://127.0.0.1:8080/callback",
        "http://localhost/callback",
        "http://[::1]:8080/",
        "com.example.app:/callback",
    ],
)
def test_a_code_may_go_where_nobody_else_listens(uri: str) -> None:
    assert described(uri).redirect_uris == [uri]


@pytest.mark.parametrize(
    "uri",
    [
        *("http://app.example/callback", "https://app.example/#fragment", "https://*.example/", "https://a b.example/"),
        *("javascript:alert(1)", "data:text/html,x", "myapp:/callback", "/callback", "", "https:///callback"),
        *("https://user@app.example/", "https://app.example\\@evil.example\n", "https://[::1/"),
    ],
)
def test_a_code_goes_nowhere_else(uri: str) -> None:
    with pytest.raises(ClientInvalidError, match="no address to send a code to"):
        described("https://app.example/callback", uri)


@pytest.mark.parametrize(("client_id", "name"), [("", "App"), ("a b", "App"), ("x" * 101, "App"), ("app", " ")])
def test_a_client_has_an_id_and_a_name_that_can_be_shown(client_id: str, name: str) -> None:
    with pytest.raises(ClientInvalidError):
        described(client_id=client_id, name=name)
