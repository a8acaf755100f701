// Times a planner or a composer: node cold.mjs plan-apollo|plan-hive SUPERGRAPH TEXTS | compose-apollo|compose-guild SDL
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // one copy of each package, whichever kind of module it is
const { buildSchema, parse, validate } = require("graphql");

const COMPOSITIONS = 10;

function apolloPlans(supergraphFile, textsFile) {
  const { Supergraph, operationFromDocument } = require("@apollo/federation-internals");
  const { QueryPlanner } = require("@apollo/query-planner");
  const supergraph = Supergraph.build(readFileSync(supergraphFile, "utf8"));
  const apiSchema = supergraph.apiSchema();
  const graphqlSchema = apiSchema.toGraphQLJSSchema();
  const planner = new QueryPlanner(supergraph);
  return JSON.parse(readFileSync(textsFile, "utf8")).map((text) => () => {
    const document = parse(text);
    refuse(validate(graphqlSchema, document));
    planner.buildQueryPlan(operationFromDocument(apiSchema, document));
  });
}

function hivePlans(supergraphFile, textsFile) {
  const { QueryPlanner } = require("@graphql-hive/router-query-planner");
  const planner = new QueryPlanner(readFileSync(supergraphFile, "utf8"));
  const schema = buildSchema(planner.consumerSchema, { assumeValid: true }); // it defines introspection itself
  return JSON.parse(readFileSync(textsFile, "utf8")).map((text) => () => {
    refuse(validate(schema, parse(text)));
    planner.plan(text, null, new Set(), 0);
  });
}

function compositions(packageName, sdlFile) {
  const { composeServices } = require(packageName);
  const subgraphs = Object.entries(JSON.parse(readFileSync(sdlFile, "utf8")));
  return Array.from({ length: COMPOSITIONS }, () => () => {
    const services = subgraphs.map(([name, text]) => ({ name, url: `http://${name}`, typeDefs: parse(text) }));
    refuse(composeServices(services).errors ?? []);
  });
}

function refuse(errors) {
  if (errors.length > 0) throw new Error(errors.map((error) => error.message).join("\n"));
}

function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

const [what, ...files] = process.argv.slice(2);
const calls = {
  "plan-apollo": () => apolloPlans(...files),
  "plan-hive": () => hivePlans(...files),
  "compose-apollo": () => compositions("@apollo/composition", ...files),
  "compose-guild": () => compositions("@theguild/federation-composition", ...files),
}[what]();
const times = calls.map((call) => {
  const started = performance.now();
  call();
  return performance.now() - started;
});
console.log(JSON.stringify({ first_ms: times[0], median_ms: median(times.slice(1)) }));
