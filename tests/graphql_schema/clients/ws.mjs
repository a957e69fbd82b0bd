// Follows the log with graphql-ws and prints a line of JSON for each step.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const { URL: url, COOKIE, QUERY, STEPS } = process.env;
class WithCookie extends WebSocket {
  constructor(address, protocols) {
    super(address, protocols, { headers: { Cookie: COOKIE } });
  }
}
const client = createClient({ url, webSocketImpl: WithCookie, lazy: true, retryAttempts: 0 });

let left = Number(STEPS);
try {
  for await (const result of client.iterate({ query: QUERY })) {
    console.log(JSON.stringify(result));
    if (result.errors || (result.data.auditFeed.entry && --left === 0)) break;
  }
} catch (error) {
  // What the server refused, or what it closed the connection with.
  console.log(JSON.stringify(Array.isArray(error) ? { errors: error } : { code: error.code }));
}
await client.dispose();
