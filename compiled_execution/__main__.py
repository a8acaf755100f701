"""Prints what is generated for an operation: `python -m compiled_execution package.module:schema operation.graphql`.

`schema` is a CompiledExecution schema in the module, or a function without parameters that returns one. `-` reads the
operation from standard input. What cannot be compiled is said with its reason.
"""

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from compiled_execution.engine import CompiledOperations


def main(arguments: list[str]) -> int:
    """Print the source; return 1 if there is none."""
    parser = argparse.ArgumentParser(prog="python -m compiled_execution", description=__doc__)
    parser.add_argument("schema", help="package.module:name")
    parser.add_argument("operation", help="a file, or - for standard input")
    parser.add_argument("--name", help="of the operation, in a document of several")
    given = parser.parse_args(arguments)
    module, _, attribute = given.schema.partition(":")
    schema: Any = getattr(import_module(module), attribute or "schema")
    schema = schema if hasattr(schema, "compiled_operations") else schema()
    text = sys.stdin.read() if given.operation == "-" else Path(given.operation).read_text(encoding="utf-8")
    operations = CompiledOperations(schema, in_thread=False)
    source, reason = operations.explain(schema._schema, text, given.name)  # noqa: SLF001  # graphql-core's own schema
    sys.stdout.write(source or f"Runs on graphql-core: {reason}.\n")
    return 0 if source else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
