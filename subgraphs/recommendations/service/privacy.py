"""What recommendations keep about people: exporting it, as documented."""

from subgraphs.recommendations.repository import privacy
from subgraphs.shared.postgres import Database
from subgraphs.shared.privacy import DataSubject, Records


async def export_account(database: Database, subject: DataSubject) -> Records:
    """Return what ranking knows of the account's profiles."""
    async with database.reading() as session:
        found = await privacy.everything_of(session, subject.profile_ids)
    return {
        "taste_plays": [
            {
                "profile": row.profile_id,
                "title": row.title_id,
                "day": row.day.isoformat(),
                "weight": row.weight,
                "completion": row.completion,
            }
            for row in found["plays"]
        ],
        "taste_engagement": [
            {
                "profile": row.profile_id,
                "title": row.title_id,
                "rating": row.rating,
                "on_watchlist": row.is_watchlisted,
            }
            for row in found["engagement"]
        ],
        "personalization_choices": [
            {"profile": row.profile_id, "opted_out": row.is_opted_out, "chosen_at": row.chosen_at.isoformat()}
            for row in found["personalization_choices"]
        ],
    }
