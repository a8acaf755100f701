"""Editors of every role, and a desk at which they send mutations."""

from typing import Any
from uuid import uuid4

from subgraphs.catalog.models import Model
from subgraphs.catalog.repository.uploads import fill_upload, insert_upload
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.users.models import Role
from subgraphs.users.service.scopes import scopes_of
from tests.subgraphs.catalog.support import NOW, Client


def person(name: str, role: Role) -> Viewer:
    return Viewer(user_id=name, profile_id=f"{name}-profile", scopes=frozenset(scopes_of([role.value])))


CREATOR = person("creator", Role.CREATOR)
REVIEWER = person("reviewer", Role.REVIEWER)
PUBLISHER = person("publisher", Role.PUBLISHER)
ADMIN = person("admin", Role.ADMIN)

FIELDS = "id state version liveVersion publishAt name slug"
PAYLOAD = f"{{ title {{ {FIELDS} }} errors {{ code path }} }}"
COMPLETE = {
    "translations": [
        {"locale": "en", "name": "Monsoon Letters", "description": "Letters that arrive too late."},
        {"locale": "hi", "name": "बारिश की चिट्ठियाँ", "description": "देर से आई चिट्ठियाँ।"},
    ],
    "releaseDate": "2026-02-01",
    "durationMinutes": 118,
    "maturityRating": "UA_13",
    "credits": [{"name": "Asha Rao", "role": "DIRECTOR"}, {"name": "Vikram Sen", "role": "ACTOR", "character": "Ravi"}],
    "audioLanguages": ["hi"],
    "trailerUrl": "https://trailers.example/monsoon-letters",
}


class Desk:
    """Sends mutations, and keeps the last answer."""

    def __init__(self, catalog: Client) -> None:
        self.catalog = catalog

    async def run(self, mutation: str, viewer: Viewer, **variables: Any) -> Any:
        """Return the payload of one mutation field with these arguments; its types follow from their names."""
        declared = ", ".join(f"${name}: {TYPES[name]}" for name in variables)
        passed = ", ".join(f"{name}: ${name}" for name in variables)
        query = f"mutation({declared}) {{ done: {mutation}({passed}) {PAYLOAD} }}"
        return (await self.catalog.data(query, variables, viewer=viewer))["done"]

    async def title(self, mutation: str, viewer: Viewer, **variables: Any) -> Any:
        """Return the title of a payload without errors."""
        done = await self.run(mutation, viewer, **variables)
        assert done["errors"] == []
        return done["title"]

    async def refusals(self, mutation: str, viewer: Viewer, **variables: Any) -> list[str]:
        """Return the codes of a refused mutation that changed nothing."""
        before = await self.everything()
        done = await self.run(mutation, viewer, **variables)
        assert done["title"] is None
        assert await self.everything() == before
        return [error["code"] for error in done["errors"]]

    async def everything(self) -> list[Any]:
        """Return every row of the catalog."""
        async with self.catalog.database.reading() as session:
            return [
                sorted(map(repr, (await session.execute(each.select())).all())) for each in Model.metadata.sorted_tables
            ]

    async def draft(self, **changes: Any) -> str:
        """Return the id of a new, complete title."""
        genre = (await self.catalog.data("{ genres { id } }"))["genres"][0]["id"]
        images = [
            {"role": role, "uploadId": await self.uploaded(width, height)}
            for role, width, height in (("POSTER", 1280, 720), ("THUMBNAIL", 640, 480))
        ]
        given = {**COMPLETE, "genreIds": [genre], "images": images, **changes}
        made = await self.title("titleCreate", CREATOR, kind="MOVIE", input=given)
        return str(made["id"])

    async def uploaded(self, width: int, height: int) -> str:
        """Return the id of an upload of that size, whose file is not there."""
        own = uuid4()
        async with self.catalog.database.writing() as session:
            await insert_upload(session, own, created_by="creator", now=NOW)
            await fill_upload(session, own, width=width, height=height)
        return encode_id("ImageUpload", own)

    async def approved(self) -> str:
        """Return the id of an approved title."""
        own = await self.draft()
        await self.approve(own)
        return own

    async def approve(self, own: str) -> None:
        """Have a draft approved."""
        await self.title("titleSubmitForReview", CREATOR, id=own)
        await self.title("titleApprove", REVIEWER, id=own)

    async def publish(self, own: str) -> None:
        """Have a draft published."""
        await self.approve(own)
        await self.title("titlePublish", PUBLISHER, id=own)

    async def publish_as(self, viewer: Viewer, own: str) -> None:
        """Have a draft published by one person who may do it all."""
        for mutation in ("titleSubmitForReview", "titleApprove", "titlePublish"):
            await self.title(mutation, viewer, id=own)

    async def published(self, **changes: Any) -> str:
        """Return the id of a published title."""
        own = await self.draft(**changes)
        await self.publish(own)
        return own

    async def seen(self, own: str) -> Any:
        """Return the title's name as a viewer sees it, None when they do not, by every path alike."""
        query = """query($id: ID!) {
          title(id: $id) { name }
          titles(first: 100) { edges { node { id name } } totalCount }
          search(query: "letters") { edges { node { ... on Movie { id name } } } totalCount }
          _entities(representations: [{__typename: "Movie", id: $id}]) { ... on Movie { name } }
        }"""
        data = await self.catalog.data(query, {"id": own})
        name = data["title"]["name"] if data["title"] else None
        for path in ("titles", "search"):
            found = [edge["node"]["name"] for edge in data[path]["edges"] if edge["node"]["id"] == own]
            assert found == ([name] if name else [])
        assert data["_entities"] == [{"name": name} if name else None]
        return name


TYPES = {
    "id": "ID!",
    "titleId": "ID!",
    "kind": "TitleKind!",
    "idempotencyKey": "ID",
    "comment": "String!",
    "expectedVersion": "Int!",
    "toVersion": "Int!",
    "at": "DateTime",
    "seasonNumber": "Int!",
    "episodeNumber": "Int!",
    "markers": "[MarkerInput!]!",
    "licences": "[LicenceInput!]!",
    "locale": "Locale!",
    "input": "TitleInput!",
}
