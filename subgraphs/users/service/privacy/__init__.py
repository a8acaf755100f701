"""Consents, export, deletion in two steps, grievances, and how long this subgraph keeps what.

consents    agreeing and withdrawing; every decision is kept
deletion    asking for it, changing one's mind, the purge when the 90 days are over
exports     a person's data as a file behind a link that expires
own_data    what this subgraph itself keeps about an account
grievances  complaints, and by when they are decided
retention   deleting what this subgraph has kept long enough
"""
