// A stitching gateway: a host's schema and the audit log's as one, and to each author of the host the history of the record.
import { readFileSync } from "node:fs";
import { delegateToSchema } from "@graphql-tools/delegate";
import { stitchSchemas } from "@graphql-tools/stitch";
import { buildSchema } from "graphql";
import { executorOf, serve } from "./passing.mjs";

const { HOST_URL, HOST_SDL, AUDIT_URL, AUDIT_SDL } = process.env;

// From SDL rather than by introspection, which a service may have switched off.
function service(sdl, endpoint) {
  return { schema: buildSchema(readFileSync(sdl, "utf8")), executor: executorOf(endpoint) };
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

serve(schema);
