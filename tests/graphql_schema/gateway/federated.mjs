// A federating gateway: it resolves what was composed of the audit log's subgraph and one of tickets, which name entries by their id.
import { readFileSync } from "node:fs";
import { getStitchedSchemaFromSupergraphSdl } from "@graphql-tools/federation";
import { buildSchema, execute } from "graphql";
import { executorOf, serve } from "./passing.mjs";

const { SUPERGRAPH, AUDIT_URL } = process.env;

const tickets = buildSchema(`
  type Query { ticket(id: ID!): Ticket }
  type Ticket { id: ID! title: String! entries: [AuditEntry!]! }
  type AuditEntry { id: ID! }
`);
// A ticket about the entry that has the same id.
const rootValue = { ticket: ({ id }) => ({ id, title: "Who did this?", entries: [{ id }] }) };

const executors = {
  AUDIT: executorOf(AUDIT_URL),
  TICKETS: ({ document, variables }) => execute({ schema: tickets, document, variableValues: variables, rootValue }),
};

serve(
  getStitchedSchemaFromSupergraphSdl({
    supergraphSdl: readFileSync(SUPERGRAPH, "utf8"),
    onSubschemaConfig: (config) => {
      config.executor = executors[config.name];
    },
  }),
);
