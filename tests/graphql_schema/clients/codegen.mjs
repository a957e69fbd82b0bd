// Makes types of the schema and of operations with graphql-codegen, and prints them.
import { readFileSync } from "node:fs";
import { codegen } from "@graphql-codegen/core";
import * as operations from "@graphql-codegen/typescript-operations";
import * as types from "@graphql-codegen/typescript";
import { buildSchema, parse, printSchema } from "graphql";

const [schemaFile, documentFile] = process.argv.slice(2);
const config = { strictScalars: true, scalars: { DateTime: "string", JSON: "unknown", UUID: "string", Date: "string" } };
const output = await codegen({
  filename: "types.ts",
  schema: parse(printSchema(buildSchema(readFileSync(schemaFile, "utf8")))),
  documents: [{ location: documentFile, document: parse(readFileSync(documentFile, "utf8")) }],
  config,
  plugins: [{ types: {} }, { operations: {} }],
  pluginMap: { types, operations },
});
console.log(output);
