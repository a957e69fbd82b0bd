// As a front end sets graphql-codegen up: types for the demo's own documents, and for more of the API than the demo asks.
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "schema.graphql",
  documents: ["operations.graphql", "api.js"],
  generates: {
    "generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: { strictScalars: true, scalars: { DateTime: "string", JSON: "unknown" }, useTypeImports: true },
    },
  },
};

export default config;
