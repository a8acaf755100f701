"""The permission matrix through the router: a test for each role and each operation that asks for a scope."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from router.execution.authorization import ProtectedSchema
from router.supergraph import Supergraph
from schema.files import FOLDER, saved_operations
from stack.seed.accounts import DEMO_PEOPLE
from subgraphs.users.models import Role
from subgraphs.users.service.permissions import PERMISSIONS
from subgraphs.users.service.scopes import ROLE_SCOPES, scopes_of
from subgraphs.users.service.tokens import TokenSubject, mint_access_token
from tests.e2e.platform import Platform
from tests.support.operations import RootField, root_fields

SUPERGRAPH = Supergraph.from_sdl((FOLDER / "supergraph.graphql").read_text(encoding="utf-8"))
PROTECTED = ProtectedSchema(SUPERGRAPH)
ROOTS = {"query": "Query", "mutation": "Mutation"}

MATRIX = {
    "cms:create": {Role.CREATOR, Role.ADMIN},
    "cms:edit": {Role.CREATOR, Role.ADMIN},
    "cms:review": {Role.REVIEWER, Role.ADMIN},
    "cms:publish": {Role.PUBLISHER, Role.ADMIN},
    "cms:archive": {Role.ADMIN},
    "analytics:read": {Role.ANALYST, Role.ADMIN},
    "users:roles": {Role.ADMIN},
}
"""The seven permissions of the requirements, with ruling 13: figures are for Analyst and Admin, and a Reviewer does not
edit. Written out here a second time, so that a slip in the product's table is seen."""

KEYS = {role: next(person.key for person in DEMO_PEOPLE if list(person.roles)[-1] is role) for role in Role}


def groups_of(field: RootField) -> list[frozenset[str]]:
    """Return the groups of scopes of which one is asked for; none for a field that asks for no scope."""
    demands = PROTECTED.of_field(ROOTS[field.kind], field.name)
    return [frozenset(group) for demand in demands for group in demand.scopes]


GUARDED = [field for field in root_fields(SUPERGRAPH.api_schema) if groups_of(field)]
CELLS = [(role, field) for field in GUARDED for role in Role]


@pytest.mark.requirement("IN-RBAC-2", "IN-RBAC-1")
@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
@pytest.mark.parametrize("scope", MATRIX)
def test_a_role_carries_what_the_requirements_give_it(scope: str, role: Role) -> None:
    assert (scope in scopes_of([Role.USER.value, role.value])) is (role in MATRIX[scope])


def test_every_scope_that_an_operation_asks_for_is_a_row_of_the_matrix() -> None:
    asked = {scope for field in GUARDED for group in groups_of(field) for scope in group}

    assert asked - {row.scope for row in PERMISSIONS} == set()


def test_what_asks_for_a_scope_is_tagged_for_administrators() -> None:
    viewers = (Path(FOLDER) / "viewers.graphql").read_text(encoding="utf-8")

    assert [field.name for field in GUARDED if f"  {field.name}(" in viewers] == []


@pytest.mark.requirement("IN-RBAC-2", "CL-08")
@pytest.mark.parametrize(("role", "field"), CELLS, ids=[f"{field.name}-{role.value}" for role, field in CELLS])
async def test_a_role_may_ask_exactly_for_what_it_has_the_scope(
    platform: Platform, role: Role, field: RootField
) -> None:
    is_allowed = any(group <= ROLE_SCOPES[role] for group in groups_of(field))
    platform.calls.clear()

    answer = await platform.send(field.operation(), token=platform.token(KEYS[role]))

    refusals = [
        error
        for error in answer.get("errors", ())
        if error["extensions"]["code"] == "FORBIDDEN" and error["path"] == [field.name]
    ]
    assert len(refusals) == (0 if is_allowed else 1), answer
    if not is_allowed:
        assert answer["data"] in (None, {field.name: None})
        assert platform.calls == []


@pytest.mark.requirement("CL-08")
@pytest.mark.parametrize("field", GUARDED, ids=lambda field: field.name)
async def test_nobody_asks_for_a_scope_without_signing_in(platform: Platform, field: RootField) -> None:
    platform.calls.clear()

    answer = await platform.send(field.operation())

    assert [(error["extensions"]["code"], error["path"]) for error in answer["errors"]] == [
        ("UNAUTHENTICATED", [field.name])
    ]
    assert platform.calls == []


@pytest.mark.requirement("CL-08")
@pytest.mark.parametrize("name", sorted(saved_operations()))
async def test_saved_operations_answer_who_is_not_signed_in_without_any_error(platform: Platform, name: str) -> None:
    variables = {"slug": "none", "query": "love"}
    text = saved_operations()[name]
    asked = {key: value for key, value in variables.items() if f"${key}" in text}

    answer = await platform.send(text, asked)

    assert "errors" not in answer, answer["errors"]


CREATE = 'mutation { titleCreate(kind: MOVIE, input: {originalName: "Own"}) { title { id version } errors { code } } }'
EDIT = """mutation ($id: ID!, $version: Int!) {
  titleUpdate(id: $id, expectedVersion: $version, input: {originalName: "Mine"}) { title { version } errors { code } }
}"""


@pytest.mark.requirement("IN-RBAC-2")
async def test_a_creator_edits_its_own_titles_only(platform: Platform) -> None:
    def creator() -> str:
        subject = TokenSubject(
            user_id=uuid4(), roles=[Role.USER.value, Role.CREATOR.value], session_id=uuid4().hex, profile=None
        )
        return mint_access_token(platform.signer, subject, now=datetime.now(UTC))

    author, other = creator(), creator()
    made = (await platform.data(CREATE, token=author))["titleCreate"]
    assert made["errors"] == []
    named = {"id": made["title"]["id"], "version": made["title"]["version"]}

    refused = await platform.data(EDIT, named, token=other)
    done = await platform.data(EDIT, named, token=author)

    assert refused["titleUpdate"] == {"title": None, "errors": [{"code": "NOT_OWNER"}]}
    assert done["titleUpdate"] == {"title": {"version": named["version"] + 1}, "errors": []}
