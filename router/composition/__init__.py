"""Composition: from the SDL of subgraphs to one supergraph, or to the reasons why there is none.

The stages, in the order in which `compose.py` runs them:

1. `read_subgraph`: parse, read `@link`s, leave out the federation machinery, check as GraphQL
2. `upgrade_federation_1`: bring subgraphs without a federation link to Federation 2
3. `index_subgraph`, `validate_subgraph/`: keys and used fields; rules for one subgraph, one file per directive
4. `merge/`: one file per merge rule
5. `validate_supergraph/`: rules for the whole, one file each
6. `satisfiability/`: every operation that clients may send can be answered
7. `print_supergraph`: the join specification

`contracts/` makes, of a supergraph, one for some of its clients, by tags; `leave_out_authorization.py` one for gateways
that know no authorisation.

`model.py` and `merged_model.py` have the data that they pass on, `specifications.py` what may be linked, `errors.py`
errors and hints, `error_codes.py` their codes; where other composers decide otherwise is in `DEVIATIONS.md`.
Reading a supergraph is not done here, but in `router.supergraph`.
"""

from router.composition.compose import CompositionResult, compose
from router.composition.contracts import contract
from router.composition.errors import CompositionError, CompositionHint, HintLevel
from router.composition.subgraph import Subgraph

__all__ = ["CompositionError", "CompositionHint", "CompositionResult", "HintLevel", "Subgraph", "compose", "contract"]
