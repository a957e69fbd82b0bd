// A stitching gateway: a host's schema and the audit log's as one, and to each author of the host the history of the record.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { delegateToSchema } from "@graphql-tools/delegate";
import { buildHTTPExecutor } from "@graphql-tools/executor-http";
import { stitchSchemas } from "@graphql-tools/stitch";
import { buildSchema } from "graphql";
import { createYoga } from "graphql-yoga";

const { HOST_URL, HOST_SDL, AUDIT_URL, AUDIT_SDL } = process.env;

// Who asks, what protects their cookies from forged requests, and what the log says about the request.
const PASSED_ON = [
  "accept-language", "authorization", "cookie", "origin", "referer", "user-agent", "x-csrftoken", "x-request-id",
];

function headersOf({ request, req }) {
  const headers = PASSED_ON.map((name) => [name, request.headers.get(name)]).filter(([, value]) => value);
  const client = [request.headers.get("x-forwarded-for"), req.socket.remoteAddress].filter(Boolean).join(", ");
  return { ...Object.fromEntries(headers), "x-forwarded-for": client };
}

// From SDL rather than by introspection, which a service may have switched off.
function service(sdl, endpoint) {
  return {
    schema: buildSchema(readFileSync(sdl, "utf8")),
    // By itself it would subscribe by GET, which the audit log refuses: URLs end up in logs.
    executor: buildHTTPExecutor({ endpoint, method: "POST", headers: ({ context }) => headersOf(context) }),
  };
}

const host = service(HOST_SDL, HOST_URL);
const audit = service(AUDIT_SDL, AUDIT_URL);
const schema = stitchSchemas({
  subschemas: [host, audit],
  typeDefs: "extend type Author { history(first: Int): AuditEntryConnection! }",
  resolvers: {
    Author: {
      history: {
        selectionSet: "{ id }",
        resolve: (author, args, context, info) =>
          delegateToSchema({
            schema: audit,
            operation: "query",
            fieldName: "auditRecordHistory",
            args: { model: "testapp.author", objectId: author.id, ...args },
            context,
            info,
          }),
      },
    },
  },
});

const yoga = createYoga({ schema, graphqlEndpoint: "/graphql/", landingPage: false, cors: false });
const server = createServer(yoga);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
