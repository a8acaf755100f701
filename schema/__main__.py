"""Entry point of `python -m schema`."""

from schema.cli import main

main(prog_name="python -m schema")
