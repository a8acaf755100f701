"""`python -m stack` is the command `reelgraph`."""

from stack.cli import main

main(prog_name="reelgraph")
