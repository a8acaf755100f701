"""Statements on the accounts that edit titles."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.catalog.models.editorial import CmsBulkOperation, CmsLogEntry, CmsRegisterEntry, CmsTitle, ImageUpload
from subgraphs.catalog.models.exports import CatalogExport
from subgraphs.catalog.models.imports import CatalogImport, ImportUpload


async def forget_authors(session: AsyncSession, user_ids: Sequence[str]) -> None:
    """Let nobody know any more that it was these accounts that made titles, changed them, uploaded files and
    asked for some."""
    await session.execute(sa.update(CmsTitle).where(col(CmsTitle.created_by).in_(user_ids)).values(created_by=None))
    for log in (CmsLogEntry, CmsRegisterEntry):
        await session.execute(sa.update(log).where(col(log.author).in_(user_ids)).values(author=None))
    await session.execute(
        sa.update(CatalogImport).where(col(CatalogImport.created_by).in_(user_ids)).values(created_by=None)
    )
    nobody = sa.literal("deleted:") + sa.cast(sa.func.gen_random_uuid(), sa.Text)
    for model in (CmsBulkOperation, ImageUpload, ImportUpload, CatalogExport):
        of_theirs = col(model.created_by).in_(user_ids)
        await session.execute(sa.update(model).where(of_theirs).values(created_by=nobody))
