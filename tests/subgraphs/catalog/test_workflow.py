"""Who may do what with a title: the whole table of roles, actions and states, cell by cell."""

from itertools import product

import pytest

from subgraphs.catalog.errors import InvalidTransitionError, NotOwnerError
from subgraphs.catalog.models import EditorialAction, WorkflowState
from subgraphs.catalog.service.workflow import RULES, Editor, Standing, allowed_actions, next_state
from subgraphs.shared.errors import ForbiddenError
from subgraphs.users.models import Role
from subgraphs.users.service.scopes import scopes_of

ROLES = (Role.USER, Role.CREATOR, Role.REVIEWER, Role.PUBLISHER, Role.ADMIN)
ACTIONS = tuple(RULES)

ALLOWED = {
    (Role.CREATOR, "EDIT", "DRAFT"): "DRAFT",
    (Role.CREATOR, "EDIT", "PUBLISHED"): "DRAFT",
    (Role.CREATOR, "ROLLBACK", "DRAFT"): "DRAFT",
    (Role.CREATOR, "ROLLBACK", "PUBLISHED"): "DRAFT",
    (Role.CREATOR, "SUBMIT", "DRAFT"): "PENDING_REVIEW",
    **{(Role.PUBLISHER, "LICENSE", each.value): each.value for each in WorkflowState if each.value != "ARCHIVED"},
    (Role.REVIEWER, "APPROVE", "PENDING_REVIEW"): "APPROVED",
    (Role.REVIEWER, "REJECT", "PENDING_REVIEW"): "DRAFT",
    (Role.REVIEWER, "REJECT", "APPROVED"): "DRAFT",
    (Role.PUBLISHER, "PUBLISH", "APPROVED"): "PUBLISHED",
    (Role.PUBLISHER, "PUBLISH", "SCHEDULED"): "PUBLISHED",
    (Role.PUBLISHER, "UNPUBLISH", "DRAFT"): "DRAFT",
    (Role.PUBLISHER, "UNPUBLISH", "PENDING_REVIEW"): "PENDING_REVIEW",
    (Role.PUBLISHER, "UNPUBLISH", "APPROVED"): "APPROVED",
    (Role.PUBLISHER, "UNPUBLISH", "PUBLISHED"): "APPROVED",
    (Role.PUBLISHER, "UNPUBLISH", "SCHEDULED"): "APPROVED",
}
"""What each role may do, written out; an admin may do all of it, and archive from any state."""

ARCHIVING = {("ARCHIVE", state.value): "ARCHIVED" for state in WorkflowState if state is not WorkflowState.ARCHIVED}
ARCHIVING["UNARCHIVE", "ARCHIVED"] = "DRAFT"
OF_ADMIN = {(action, state): becomes for (_, action, state), becomes in ALLOWED.items()} | ARCHIVING


def editor(role: Role, name: str = "me") -> Editor:
    return Editor(name, frozenset(scopes_of([role.value])))


def standing(state: WorkflowState, owner: str | None = "me", *, is_live: bool = True) -> Standing:
    return Standing(state, is_live, owner)


def expected(role: Role, action: EditorialAction, state: WorkflowState) -> str | None:
    if role is Role.ADMIN:
        return OF_ADMIN.get((action.value, state.value))
    return ALLOWED.get((role, action.value, state.value))


def test_the_table_has_every_action_but_the_first() -> None:
    assert set(RULES) == set(EditorialAction) - {EditorialAction.CREATE}


@pytest.mark.requirement("FR-CMS-002.2")
@pytest.mark.parametrize(("role", "action", "state"), list(product(ROLES, ACTIONS, WorkflowState)))
def test_every_cell_of_roles_actions_and_states(role: Role, action: EditorialAction, state: WorkflowState) -> None:
    becomes = expected(role, action, state)
    has_scope = RULES[action].scope in editor(role).scopes

    if becomes is not None:
        assert next_state(action, standing(state), editor(role)).value == becomes
    else:
        with pytest.raises(InvalidTransitionError if has_scope else ForbiddenError):
            next_state(action, standing(state), editor(role))


@pytest.mark.parametrize("action", [EditorialAction.EDIT, EditorialAction.ROLLBACK, EditorialAction.SUBMIT])
def test_a_creator_changes_only_what_they_made_and_an_admin_everything(action: EditorialAction) -> None:
    for owner in ("somebody", None):
        with pytest.raises(NotOwnerError):
            next_state(action, standing(WorkflowState.DRAFT, owner), editor(Role.CREATOR))

        becomes = next_state(action, standing(WorkflowState.DRAFT, owner), editor(Role.ADMIN))
        assert becomes is RULES[action].moves[WorkflowState.DRAFT]


@pytest.mark.parametrize("state", [state for state in WorkflowState if state is not WorkflowState.SCHEDULED])
def test_only_what_viewers_see_or_will_see_can_be_taken_down(state: WorkflowState) -> None:
    with pytest.raises(InvalidTransitionError):
        next_state(EditorialAction.UNPUBLISH, standing(state, is_live=False), editor(Role.ADMIN))


def test_the_allowed_actions_are_those_that_would_not_be_refused() -> None:
    def names(role: Role, state: WorkflowState, owner: str = "me") -> list[str]:
        return [action.value for action in allowed_actions(standing(state, owner, is_live=False), editor(role))]

    assert names(Role.CREATOR, WorkflowState.DRAFT) == ["EDIT", "ROLLBACK", "SUBMIT"]
    assert names(Role.CREATOR, WorkflowState.DRAFT, owner="somebody") == []
    assert names(Role.REVIEWER, WorkflowState.PENDING_REVIEW) == ["APPROVE", "REJECT"]
    assert names(Role.PUBLISHER, WorkflowState.APPROVED) == ["LICENSE", "PUBLISH"]
    assert names(Role.PUBLISHER, WorkflowState.SCHEDULED) == ["LICENSE", "PUBLISH", "UNPUBLISH"]
    assert names(Role.ADMIN, WorkflowState.ARCHIVED) == ["UNARCHIVE"]
    assert names(Role.USER, WorkflowState.DRAFT) == []
