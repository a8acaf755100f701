"""Who may do what with a title, and where it stands afterwards: one table, read by mutations and by the CMS's buttons.

The state is that of the newest version. A published title that is edited goes back to DRAFT; what viewers see stays
the live version until the new one is published, or the title is taken down.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from subgraphs.catalog.errors import InvalidTransitionError, NotOwnerError
from subgraphs.catalog.models import EditorialAction, WorkflowState
from subgraphs.shared.errors import ForbiddenError

_State, _Action = WorkflowState, EditorialAction


@dataclass(frozen=True, slots=True)
class Rule:
    """Which scope an action takes, and where it leads from each state in which it is possible.

    Where `own_only` is set, an editor without `cms:edit_any` needs to have made the title. Where `hides` is set, there
    must be something to hide: a live version, or one that is scheduled.
    """

    scope: str
    moves: Mapping[WorkflowState, WorkflowState]
    own_only: bool = False
    hides: bool = False


ANY_EDITOR = "cms:edit_any"

_TO_WORK = {_State.DRAFT: _State.DRAFT, _State.PUBLISHED: _State.DRAFT}
_UNDER_REVIEW = {_State.PENDING_REVIEW: _State.PENDING_REVIEW, _State.DRAFT: _State.DRAFT}
_CLEARED = dict.fromkeys((_State.APPROVED, _State.SCHEDULED, _State.PUBLISHED), _State.APPROVED)

RULES: dict[EditorialAction, Rule] = {
    _Action.EDIT: Rule("cms:edit", _TO_WORK, own_only=True),
    _Action.ROLLBACK: Rule("cms:edit", _TO_WORK, own_only=True),
    _Action.SUBMIT: Rule("cms:create", {_State.DRAFT: _State.PENDING_REVIEW}, own_only=True),
    _Action.LICENSE: Rule("cms:rights", {state: state for state in _State if state is not _State.ARCHIVED}),
    _Action.APPROVE: Rule("cms:review", {_State.PENDING_REVIEW: _State.APPROVED}),
    _Action.REJECT: Rule("cms:review", dict.fromkeys((_State.PENDING_REVIEW, _State.APPROVED), _State.DRAFT)),
    _Action.PUBLISH: Rule("cms:publish", dict.fromkeys((_State.APPROVED, _State.SCHEDULED), _State.PUBLISHED)),
    _Action.UNPUBLISH: Rule("cms:publish", {**_UNDER_REVIEW, **_CLEARED}, hides=True),
    _Action.ARCHIVE: Rule("cms:archive", dict.fromkeys(set(_State) - {_State.ARCHIVED}, _State.ARCHIVED)),
    _Action.UNARCHIVE: Rule("cms:archive", {_State.ARCHIVED: _State.DRAFT}),
}
"""All but CREATE, which starts from nothing and takes `cms:create`."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a title stands: its state, whether viewers see a version of it, and who made it (None: no editor)."""

    state: WorkflowState
    is_live: bool
    created_by: str | None


@dataclass(frozen=True, slots=True)
class Editor:
    """Who acts: the global id of the account, and its scopes."""

    user_id: str
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """Return if the editor has the scope.

        Raises:
            ForbiddenError: They have not.
        """
        if scope not in self.scopes:
            raise ForbiddenError(f"This needs the scope `{scope}`.")


def next_state(action: EditorialAction, standing: Standing, editor: Editor) -> WorkflowState:
    """Return where the title stands after the action.

    Raises:
        ForbiddenError: The editor's roles do not allow the action.
        NotOwnerError: They do, but only for the editor's own titles.
        InvalidTransitionError: Nobody may do it as the title stands.
    """
    rule = RULES[action]
    editor.require(rule.scope)
    if rule.own_only and standing.created_by != editor.user_id and ANY_EDITOR not in editor.scopes:
        raise NotOwnerError
    becomes = rule.moves.get(standing.state)
    has_nothing_to_hide = not standing.is_live and standing.state is not _State.SCHEDULED
    if becomes is None or (rule.hides and has_nothing_to_hide):
        raise InvalidTransitionError(action.value, standing.state.value)
    return becomes


def allowed_actions(standing: Standing, editor: Editor) -> Collection[EditorialAction]:
    """Return what the editor may do with the title now, in the order of the workflow."""
    allowed = []
    for action in RULES:
        try:
            next_state(action, standing, editor)
        except (ForbiddenError, NotOwnerError, InvalidTransitionError):
            continue
        allowed.append(action)
    return allowed
