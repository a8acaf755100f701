"""What resolvers are told about the request: graphql-core's info in full, and a Strawberry Info that builds it late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compiled_execution.internals import Info, Path, ResolveInfo, resolve_info_helpers

if TYPE_CHECKING:
    from collections.abc import Callable

    from compiled_execution.plan import FieldPlan, PathTuple
    from compiled_execution.run import Run


def graphql_path(path: PathTuple | None) -> Path | None:
    """Return the path as graphql-core's linked path."""
    if path is None:
        return None
    previous, key, typename = path
    return Path(graphql_path(previous), key, typename)


def graphql_info(field: FieldPlan, path: PathTuple, run: Run) -> Any:
    """Return what Strawberry's executor hands to resolvers."""
    return ResolveInfo(
        field.name,
        list(field.nodes),
        field.definition.type,
        field.parent_type,
        graphql_path(path),  # type: ignore[arg-type]  # never None: a field has a key
        run.plan.schema,
        run.plan.fragment_definitions,
        run.root_value,
        run.plan.operation,
        run.variables.coerced,
        run.context,
        run.is_awaitable,
        None,
        resolve_info_helpers(run.track),  # held by the run they would be a cycle
        run.operation_extensions,  # type: ignore[arg-type]  # Strawberry passes None without extensions, too
    )


def info_factory(info_class: type[Info]) -> Callable[[FieldPlan, PathTuple, Run], Info]:
    """Return what makes an Info of the schema's class: late, unless the class has an own way to start."""
    if info_class.__init__ is not Info.__init__ or "_raw_info" in vars(info_class):

        def build(field: FieldPlan, path: PathTuple, run: Run) -> Info:
            return info_class(_raw_info=graphql_info(field, path, run), _field=field.strawberry_field)  # type: ignore[arg-type]  # only called for Strawberry fields

        return build
    return type("CompiledInfo", (info_class,), _late_members(info_class))


def _late_members(info_class: type[Info]) -> dict[str, Any]:
    def start(self: Any, field: FieldPlan, path: PathTuple, run: Run) -> None:
        self.context = run.context
        self._late = (field, path, run)

    def start_without_context(self: Any, field: FieldPlan, path: PathTuple, run: Run) -> None:
        self._late = (field, path, run)

    def raw_info(self: Any) -> Any:
        info = self._built
        if info is None:
            info = self._built = graphql_info(*self._late)
        return info

    def strawberry_field(self: Any) -> Any:
        return self._late[0].strawberry_field

    members: dict[str, Any] = {
        "__init__": start_without_context,
        "_built": None,
        "_field": property(strawberry_field),
        "_raw_info": property(raw_info),
    }
    if info_class.context is Info.context:
        members |= {"__init__": start, "context": None}  # an attribute, in place of Strawberry's property
    return members
