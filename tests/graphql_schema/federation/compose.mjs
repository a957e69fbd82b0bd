// Composes the audit log's subgraph with another that refers to its entries: the schema of a gateway, or why there is none.
import { readFileSync } from "node:fs";
import { composeServices, compositionHasErrors } from "@theguild/federation-composition";
import { parse } from "graphql";

const services = process.argv.slice(2).map((path) => ({
  name: path.split("/").at(-1).replace(".graphql", ""),
  url: "http://localhost/",
  typeDefs: parse(readFileSync(path, "utf8")),
}));
const result = composeServices(services);
if (compositionHasErrors(result)) {
  console.error(result.errors.map((error) => error.message).join("\n"));
  process.exit(1);
}
console.log(result.supergraphSdl);
