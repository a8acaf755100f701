// Hive Gateway's settings. DEDUPLICATE=0 sends every subgraph request, also one that is under way already.
// FORWARD_HEADER names a header that subgraphs get as the client sent it.
// Sharing whole client requests is another matter, off by default and left so.
import { defineConfig } from "@graphql-hive/gateway";

const forwarded = process.env.FORWARD_HEADER;

export const gatewayConfig = defineConfig({
  transportEntries: { "*.http": { options: { deduplicateInflightRequests: process.env.DEDUPLICATE !== "0" } } },
  ...(forwarded && {
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => ({ [forwarded]: request.headers.get(forwarded) }),
    },
  }),
});
