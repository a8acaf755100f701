"""States and union territories of India (ISO 3166-2:IN): the place of supply on an invoice."""

from subgraphs.users.errors import StateCodeInvalidError

STATES = frozenset(
    {
        *("AP", "AR", "AS", "BR", "CG", "GA", "GJ", "HP", "HR", "JH", "KA", "KL", "MH", "ML", "MN", "MP", "MZ", "NL"),
        *("OD", "PB", "RJ", "SK", "TN", "TR", "TS", "UK", "UP", "WB"),
        *("AN", "CH", "DH", "DL", "JK", "LA", "LD", "PY"),
    }
)
_FORMER = {"CT": "CG", "OR": "OD", "TG": "TS", "UT": "UK"}
"""Codes before 2023, which many address forms still send."""


def normalise_state_code(text: str) -> str:
    """Return the code as it is kept.

    Raises:
        StateCodeInvalidError: It names no state.
    """
    code = text.strip().upper()
    code = _FORMER.get(code, code)
    if code not in STATES:
        raise StateCodeInvalidError
    return code
