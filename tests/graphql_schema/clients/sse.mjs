// Follows the log with graphql-sse and prints a line of JSON for each step. Goes on after the last cursor when it is cut off.
import { createClient } from "graphql-sse";

const { URL: url, COOKIE, CSRF, QUERY, STEPS } = process.env;
const client = createClient({
  url,
  headers: { Cookie: COOKIE, "X-CSRFToken": CSRF },
  retryAttempts: 0,
});

let cursor = null;
let left = Number(STEPS);
while (left > 0) {
  try {
    for await (const result of client.iterate({ query: QUERY, variables: { after: cursor } })) {
      console.log(JSON.stringify(result));
      cursor = result.data?.auditFeed.cursor ?? cursor;
      if (result.errors || (result.data.auditFeed.entry && --left === 0)) process.exit(0);
    }
  } catch (error) {
    console.log(JSON.stringify({ cut: true }));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
