"""A prepared operation: everything that can be known before the variables are."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

from graphql import (
    BooleanValueNode,
    DocumentNode,
    GraphQLSchema,
    OperationType,
    get_variable_values,
)

from router.execution import refusals
from router.execution.authorization import Denials, ProtectedSchema, deny
from router.execution.client_paths import ClientPaths
from router.execution.client_selections import ClientSelections
from router.execution.conditions import condition_variables, holds
from router.execution.cost import CostRules, OperationCost, compile_cost
from router.execution.introspection import Introspection
from router.execution.limits import Limits
from router.execution.metrics import Measured, RouterMetrics
from router.execution.operation_tree import OperationTree, read_operation_again, select_operation
from router.execution.projection import projection_of
from router.execution.rate_limits import Charge, RateClasses
from router.execution.read_document import parse_with_locations, read_document
from router.execution.refusals import RefusedError
from router.execution.subscription_source import SubscriptionSource, source_of
from router.execution.variants import Variant, compiled_variant, plain_variant
from router.planning.plan import QueryPlan
from router.supergraph.read_costs import Costs
from router.supergraph.tables import Authorization

# Different values of an operation's @skip/@include variables compile apart; clients use few, attackers many.
MAX_VARIANTS = 16
MAX_COERCION_ERRORS = 20

VariantKey = tuple[bool, ...]
"""Values of the condition variables, by name."""

# Enough to tell the documents of one graph apart in a metric label.
HASH_CHARACTERS = 12


class Planner(Protocol):
    """Finds the query plan of a valid document."""

    def __call__(self, document: DocumentNode, operation_name: str | None) -> QueryPlan:
        """Return the plan, or raise a ClientError."""
        ...


class PreparedOperation:
    """One operation of a document: valid, planned, and compiled for the condition values met so far.

    Attributes:
        cost: What it costs; None where nobody asks.
        measured: Counts its requests.
        uses: How often it was found in the cache.
        demands: What `@authenticated`, `@requiresScopes` and `@policy` ask of who wants to read all of it.
        charges: What it costs its caller of the rate limits.
        introspection: Answers `__schema` and `__type`, if the operation asks for them.
        public_introspection: The same, of what everybody may know.
        to_compile: Variants that were asked for and are not compiled.
        source: Where the events of a subscription come from; None for other operations, and where nothing is left of
            a subscription that its viewer may not read.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        tree: OperationTree,
        *,
        text: str,
        plan: QueryPlan,
        demands: tuple[Authorization, ...] = (),
        charges: tuple[Charge, ...] = (),
        public_schema: GraphQLSchema | None = None,
        denials: Denials | None = None,
        cost: OperationCost | None = None,
        measured: Measured | None = None,
    ) -> None:
        self._schema = schema
        self._text = text
        operation, fragments = tree.operation, tree.fragments
        self._tree: OperationTree | None = tree
        self._variable_definitions = operation.variable_definitions or ()
        self._denials = denials
        self.plan = plan
        self.demands = demands
        self.charges = charges
        self.cost = cost
        self.measured = measured
        self.uses = 0
        self.name = operation.name.value if operation.name else None
        self.is_mutation = operation.operation is OperationType.MUTATION
        self.is_subscription = operation.operation is OperationType.SUBSCRIPTION
        self._source_fetch = source_of(plan) if self.is_subscription else None
        self.source = SubscriptionSource(self._source_fetch) if self._source_fetch is not None else None
        self.client_paths = ClientPaths(partial(read_operation_again, text, self.name), plan.renames)
        self.introspection: Introspection | None = None
        self.public_introspection: Introspection | None = None
        if plan.has_introspection:
            self.introspection = Introspection(schema, operation, fragments)
            self.public_introspection = Introspection(public_schema or schema, operation, fragments)
        self._defaults: Mapping[str, Any] | None = None
        self._condition_names = condition_variables(document)
        self._variants: OrderedDict[VariantKey, Variant] = OrderedDict()
        self.to_compile: set[VariantKey] = set()
        self._compiling: set[VariantKey] = set()

    def coerce_variables(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the variables with defaults filled in, as the subgraphs will get them.

        Raises:
            RefusedError: A value does not fit its type.
        """
        definitions = self._variable_definitions
        if not definitions:
            return {}
        if not given and self._defaults is not None:
            return self._defaults
        values = get_variable_values(self._schema, definitions, dict(given), max_errors=MAX_COERCION_ERRORS)
        if isinstance(values, list):
            # The same errors again, with the places of the variables.
            located = select_operation(parse_with_locations(self._text), self.name).operation
            definitions = located.variable_definitions or ()
            values = get_variable_values(self._schema, definitions, dict(given), max_errors=MAX_COERCION_ERRORS)
            assert isinstance(values, list)
            raise RefusedError(refusals.BAD_USER_INPUT, "The variables do not fit.", errors=values)
        if not given:
            self._defaults = values.coerced
        return values.coerced

    def variant(self, variables: Mapping[str, Any]) -> Variant:
        """Return what to run under coerced `variables`.

        Only what is compiled is kept: most of what comes once does not come again.
        """
        key = tuple(variables.get(name) is True for name in self._condition_names)
        variant = self._variants.get(key)
        if variant is None:
            if key not in self._compiling and len(self.to_compile) < MAX_VARIANTS:
                self.to_compile.add(key)
            variant = self._variant(key, is_compiled=False)
            self._forget_tree()
        elif len(self._variants) > 1:
            self._variants.move_to_end(key)
        return variant

    def take_to_compile(self) -> list[VariantKey]:
        """Return what is to be compiled, for who does it now."""
        keys = [self.to_compile.pop() for _ in list(self.to_compile)]
        self._compiling.update(keys)
        return keys

    def compile(self, key: VariantKey) -> None:
        """Have a variant run as generated code from now on. May run in another thread."""
        try:
            self._variants[key] = self._variant(key, is_compiled=True)
            if len(self._variants) > MAX_VARIANTS:
                self._variants.popitem(last=False)
        finally:
            self._compiling.discard(key)

    def forget_code(self) -> None:
        """Go back to running without generated code."""
        self._variants.clear()

    def warm(self) -> None:
        """Compile the variant that the defaults of the operation select."""
        defaults = {
            definition.variable.name.value: definition.default_value.value
            for definition in self._variable_definitions
            if isinstance(definition.default_value, BooleanValueNode)
        }
        key = tuple(defaults.get(name) is True for name in self._condition_names)
        self._variants[key] = self._variant(key, is_compiled=True)
        self._forget_tree()

    def _forget_tree(self) -> None:
        if self._denials is None:
            self._tree = None

    def _variant(self, key: VariantKey, *, is_compiled: bool) -> Variant:
        conditions = dict(zip(self._condition_names, key, strict=True))
        active = [
            fetch
            for fetch in self.plan.fetches
            if fetch is not self._source_fetch and holds(fetch.condition, conditions)
        ]
        select = partial(
            _select_fields,
            self._text,
            self.name,
            schema=self._schema,
            conditions=conditions,
            renames=self.plan.renames,
            denials=self._denials,
        )
        selections = select(self._tree)
        if not is_compiled:
            return plain_variant(self.plan, active, conditions=conditions, projection=projection_of(selections))
        return compiled_variant(
            self.plan,
            active,
            conditions=conditions,
            selections=selections,
            # Denials know fields of the tree by their identity.
            select_again=partial(select, self._tree if self._denials is not None else None),
        )


# No method, and it does not hold the operation: variants hold it.
def _select_fields(text: str, name: str | None, tree: OperationTree | None, **settings: Any) -> ClientSelections:
    tree = tree or read_operation_again(text, name)
    return ClientSelections(operation=tree.operation, fragments=tree.fragments, **settings)


def prepare_operation(
    text: str,
    operation_name: str | None,
    unmet: int = 0,
    *,
    schema: GraphQLSchema,
    planner: Planner,
    limits: Limits,
    allow_introspection: bool,
    protected: ProtectedSchema | None = None,
    costs: Costs | None = None,
    cost_rules: CostRules | None = None,
    metrics: RouterMetrics | None = None,
    rate_classes: RateClasses | None = None,
    public_schema: GraphQLSchema | None = None,
) -> PreparedOperation:
    """Parse, check, validate and plan. Pure and blocking: run it in a thread.

    Args:
        unmet: Mask of the operation's demands that its viewer does not meet.
        protected: What the schema demands of viewers; None is nothing.
        costs: What the schema says of costs; None leaves the operation without cost.
        metrics: Where to count the operation's requests.
        rate_classes: What operations are charged; None charges nothing.
        public_schema: What everybody may know of the schema; None is all of it.
        cost_rules: How to count; what costs too much whatever its variables is refused here.

    Raises:
        ClientError: The text is no valid operation, breaks a limit, or cannot be planned.
    """
    document = read_document(text, schema=schema, limits=limits, allow_introspection=allow_introspection)
    tree = select_operation(document, operation_name)
    operation = tree.operation
    cost = None
    if costs is not None and cost_rules is not None:
        cost = compile_cost(schema, document, operation, costs=costs, rules=cost_rules)
        if cost.is_constant and cost_rules.maximum is not None:
            cost.check({}, cost_rules.maximum)
    measured = None
    if metrics is not None:
        document_hash = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_CHARACTERS]
        measured = metrics.of_operation(operation.name.value if operation.name else None, document_hash)
    demands = protected.demanded_by(document, operation) if protected is not None else ()
    charges = _charges(rate_classes, schema, tree)
    denials = None
    if protected is not None and unmet:
        denied = frozenset(found for place, found in enumerate(demands) if unmet >> place & 1)
        denials = deny(document, protected, denied)
    return PreparedOperation(
        schema,
        document,
        tree,
        text=text,
        plan=planner(document if denials is None else denials.document, operation_name),
        demands=demands,
        charges=charges,
        public_schema=public_schema,
        denials=denials,
        cost=cost,
        measured=measured,
    )


def _charges(classes: RateClasses | None, schema: GraphQLSchema, tree: OperationTree) -> tuple[Charge, ...]:
    root = schema.get_root_type(tree.operation.operation)
    if classes is None or root is None:
        return ()
    return classes.charges(root.name, tree.operation, tree.fragments)
