"""A provider that moves no money: for tests, and for a platform on one machine. Never bind it where people really pay.

Its answer is a matter of the token alone: `sandbox:approve` pays, `sandbox:decline:CODE` is declined with the code, and
`sandbox:unavailable` does not answer; a setting has it decline everything. Like a real provider it keeps books of its
own, in transactions of its own: what it charged stays charged, whatever becomes of its caller, and a key that it knows
is answered from them.
"""

from sqlalchemy.dialects.postgresql import insert

from subgraphs.billing.errors import ProviderUnavailableError
from subgraphs.billing.gateways.payments import Charge, ChargeOutcome
from subgraphs.billing.models import MethodKind, Provider, SandboxCharge
from subgraphs.shared.postgres import Database

APPROVE = "sandbox:approve"
UNAVAILABLE = "sandbox:unavailable"
_DECLINE = "sandbox:decline:"
_UNKNOWN_TOKEN = "UNKNOWN_TOKEN"  # noqa: S105 - the code of a refusal


def declining(code: str) -> str:
    """Return the token of a way to pay that is declined with the code."""
    return f"{_DECLINE}{code}"


class SandboxProvider:
    """Charges nothing, and remembers it."""

    kind = Provider.FAKE

    def __init__(self, database: Database, *, decline_code: str | None = None) -> None:
        """`decline_code` declines every new charge, whatever the token says."""
        self._database = database
        self._decline_code = decline_code

    async def charge(self, charge: Charge) -> ChargeOutcome:
        """Answer as the token says, or as the first time for a key that came before.

        Raises:
            ProviderUnavailableError: The token says so.
        """
        async with self._database.writing() as session:
            known = await session.get(SandboxCharge, charge.key)
            if known is None:
                if charge.token == UNAVAILABLE:
                    raise ProviderUnavailableError
                new = SandboxCharge(
                    key=charge.key,
                    token=charge.token,
                    amount_minor=charge.amount_minor,
                    currency=charge.currency,
                    failure_code=self._decline_code or _failure_code(charge.token),
                )
                await session.execute(insert(SandboxCharge).values(new.model_dump()).on_conflict_do_nothing())
                known = await session.get_one(SandboxCharge, charge.key)
        return ChargeOutcome(MethodKind.CARD, known.failure_code)


def _failure_code(token: str) -> str | None:
    if token == APPROVE:
        return None
    return token.removeprefix(_DECLINE) if token.startswith(_DECLINE) else _UNKNOWN_TOKEN
