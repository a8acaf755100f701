// Plans operations with Apollo's planner: node plan.mjs FILE; the file has [{supergraph, operations: [text]}]. Prints,
// for each, which operations it finds a plan for.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // one copy of each package, whichever kind of module it is
const { parse } = require("graphql");
const { Supergraph, operationFromDocument } = require("@apollo/federation-internals");
const { QueryPlanner } = require("@apollo/query-planner");

function planned(supergraph, operations) {
  const read = Supergraph.build(supergraph);
  const planner = new QueryPlanner(read);
  return operations.map((text) => {
    const operation = operationFromDocument(read.apiSchema(), parse(text));
    try {
      planner.buildQueryPlan(operation);
      return true;
    } catch {
      return false;
    }
  });
}

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(cases.map(({ supergraph, operations }) => planned(supergraph, operations))));
