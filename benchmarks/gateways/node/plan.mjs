// Plans operations with Apollo's planner: node plan.mjs FILE; the file has [{supergraph, operations: [text]}]. Prints,
// for each operation, the requests [{subgraph, text}] that its plan begins with; null if it finds no plan.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // one copy of each package, whichever kind of module it is
const { parse } = require("graphql");
const { Supergraph, operationFromDocument } = require("@apollo/federation-internals");
const { QueryPlanner } = require("@apollo/query-planner");

function* firstRequests(node) {
  if (node?.kind === "Fetch" && !node.requires) yield { subgraph: node.serviceName, text: node.operation };
  for (const inner of node?.nodes ?? []) yield* firstRequests(inner);
}

function planned(supergraph, operations) {
  const read = Supergraph.build(supergraph);
  const planner = new QueryPlanner(read);
  return operations.map((text) => {
    const operation = operationFromDocument(read.apiSchema(), parse(text));
    try {
      return [...firstRequests(planner.buildQueryPlan(operation).node)];
    } catch {
      return null;
    }
  });
}

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(cases.map(({ supergraph, operations }) => planned(supergraph, operations))));
