"""A description with its marks, for whoever may see its owner."""

from uuid import UUID

from subgraphs.catalog.repository.cards import Texts
from subgraphs.catalog.service import richtext
from subgraphs.catalog.types.words import Info


async def formatted_description(owner: UUID, texts: Texts, info: Info, asked: str | None) -> str:
    """Return the description as HTML, in the first language that the viewer wants and there is; empty for none.

    One that was written as plain text has a paragraph for each of its lines.
    """
    locale = next((each for each in info.context.locales(asked) if each in texts), None)
    if locale is None:
        return ""
    marked = await info.context.loaders.formatted_by_owner.load(owner) or {}
    return marked.get(locale) or richtext.formatted(texts[locale].description)
