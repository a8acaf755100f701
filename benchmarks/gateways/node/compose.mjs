// Composes subgraphs with Apollo's composer: node compose.mjs CASES; a case is {id, subgraphs: [{name, url, sdl}]}
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // one copy of each package, whichever kind of module it is
const { parse } = require("graphql");
const { composeServices } = require("@apollo/composition");

function outcome(subgraphs) {
  try {
    const services = subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) }));
    const result = composeServices(services);
    const codes = (result.errors ?? []).map((error) => error.extensions?.code ?? "NONE");
    return { supergraph: result.supergraphSdl ?? null, codes, messages: (result.errors ?? []).map(String) };
  } catch (error) {
    return { supergraph: null, codes: [error.extensions?.code ?? "NONE"], messages: [String(error)] };
  }
}

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(cases.map(({ id, subgraphs }) => ({ id, ...outcome(subgraphs) }))));
