"""The people at the mock provider: each shows another outcome of signing in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the provider. `email_is_verified` is what the provider says of the address."""

    subject: str
    name: str
    email: str | None
    email_is_verified: bool
    note: str


PEOPLE = (
    Person(
        subject="100000000000000000001",
        name="Asha",
        email="viewer@demo.reelgraph.example",
        email_is_verified=True,
        note="has the demo account `viewer`",
    ),
    Person(
        subject="100000000000000000002",
        name="Neha",
        email="neha@people.reelgraph.example",
        email_is_verified=True,
        note="is new here: gets an account",
    ),
    Person(
        subject="100000000000000000003",
        name="Umar",
        email="monthly@demo.reelgraph.example",
        email_is_verified=False,
        note="claims the address of `monthly`, unverified: is not let in",
    ),
    Person(
        subject="100000000000000000004",
        name="Tara",
        email=None,
        email_is_verified=False,
        note="shares no address: is not let in",
    ),
)


def person_with(subject: str) -> Person | None:
    """Return the person, None for an unknown one."""
    return next((person for person in PEOPLE if person.subject == subject), None)
