// Composes subgraphs with Apollo's composer: node compose.mjs CASES; a case is {id, subgraphs: [{name, url, sdl}]}.
// Says beside it what GraphQL's reference implementation has against the SDL as such, federation's directives apart.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // one copy of each package, whichever kind of module it is
const { buildASTSchema, parse, validateSchema } = require("graphql");
const { specifiedSDLRules } = require("graphql/validation/specifiedRules");
const { validateSDL } = require("graphql/validation/validate");
const { composeServices } = require("@apollo/composition");

const SDL_RULES = specifiedSDLRules.filter((rule) => !rule.name.includes("Directive"));

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

function violations({ sdl }) {
  const document = parse(sdl);
  const found = validateSDL(document, null, SDL_RULES);
  if (found.length > 0) return found.map(String);
  try {
    const schema = buildASTSchema(document, { assumeValidSDL: true });
    return validateSchema(schema).map(String).filter((text) => !text.startsWith("Query root type must be provided"));
  } catch (error) {
    return [String(error)];
  }
}

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
const found = cases.map(({ id, subgraphs }) => ({
  id,
  ...outcome(subgraphs),
  graphql: subgraphs.flatMap(violations),
}));
console.log(JSON.stringify(found));
