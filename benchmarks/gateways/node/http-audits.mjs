// Runs the audits of graphql-http against an address: node http-audits.mjs ADDRESS
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { serverAudits } = require("graphql-http");

const results = [];
for (const audit of serverAudits({ url: process.argv[2], fetchFn: fetch })) {
  const { status, reason } = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status, reason: reason ?? "" });
}
console.log(JSON.stringify(results));
