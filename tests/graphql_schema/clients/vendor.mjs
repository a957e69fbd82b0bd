// What the demo's page loads; `npm run vendor` bundles it into sample_project/static/vendor/urql.js.
export { Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
export { createClient } from "graphql-sse";
