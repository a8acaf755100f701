"""Side-by-side measurements. Nothing here is asserted in a test; figures go to docs/performance.md with the command."""
