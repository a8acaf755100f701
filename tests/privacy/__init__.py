"""No personal data in logs and errors: what runs is watched, and the code is read."""
