// Apollo Gateway behind Apollo Server: node apollo.mjs SUPERGRAPH PORT
// FORWARD_HEADER names a header that subgraphs get as the client sent it.
import { readFileSync } from "node:fs";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const [supergraph, port] = process.argv.slice(2);
const forwarded = process.env.FORWARD_HEADER;

class ForwardingDataSource extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    if (context.forwarded) request.http.headers.set(forwarded, context.forwarded);
  }
}

const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(supergraph, "utf8"),
  ...(forwarded && { buildService: ({ url }) => new ForwardingDataSource({ url }) }),
});
const server = new ApolloServer({ gateway, introspection: false });
await startStandaloneServer(server, {
  listen: { host: "127.0.0.1", port: Number(port) },
  ...(forwarded && { context: async ({ req }) => ({ forwarded: req.headers[forwarded] }) }),
});
