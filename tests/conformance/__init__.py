"""Does the router answer as one executor over all data would? Composed, planned and executed for real, in process."""
