"""Letters that are due, and announcements whose time has come."""

from workers.services import Services


async def deliver_mails(services: Services) -> int:
    """Send the letters that are due and return how many were tried."""
    return await services.users.deliver_mails()


async def write_announcements(services: Services) -> int:
    """Write announcements that are due and return to how many accounts."""
    return await services.users.write_announcements()
