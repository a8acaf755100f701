// Hive Gateway's settings. DEDUPLICATE=0 sends every subgraph request, also one that is under way already.
// Sharing whole client requests is another matter, off by default and left so.
import { defineConfig } from "@graphql-hive/gateway";

export const gatewayConfig = defineConfig({
  transportEntries: { "*.http": { options: { deduplicateInflightRequests: process.env.DEDUPLICATE !== "0" } } },
});
