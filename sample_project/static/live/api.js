// The API as this page uses it: urql for queries and mutations, graphql-sse for the subscription.
import { Client, createClient, fetchExchange, gql, subscriptionExchange } from "../vendor/urql.js";

const PARTS = gql`fragment Parts on AuditEntry {
  id occurredAt description objectRepr operation
  badge { role label glyph }
}`;

export const ENTRIES = gql`query Entries($after: String) {
  auditEntries(first: 20, after: $after) { edges { node { ...Parts } } pageInfo { hasNextPage endCursor } }
} ${PARTS}`;

export const FEED = gql`subscription Feed($after: String) {
  auditFeed(after: $after) { cursor entry { ...Parts } }
} ${PARTS}`;

export const PREVIEW = gql`mutation Preview($entry: ID!) {
  auditPreviewRestore(ask: { undo: { entry: $entry } }) {
    __typename
    ... on AuditRestorePlan { token isClean isEmpty steps { modelLabel objectRepr } conflicts { message } }
    ... on AuditRestoreRefused { message }
  }
}`;

export const UNDO = gql`mutation Undo($entry: ID!, $token: String) {
  auditRestore(ask: { undo: { entry: $entry } }, token: $token) {
    __typename
    ... on AuditRestoreDone { count }
    ... on AuditRestoreConflict { message }
    ... on AuditRestoreRefused { message }
  }
}`;

/** Make the client: both ways go to one URL with the session's cookie and the token against forged requests. */
export function connect(url, csrfToken) {
  const headers = { "X-CSRFToken": csrfToken };
  // Ours goes on after its last cursor; the library would begin anew.
  const events = createClient({ url, headers, credentials: "same-origin", retryAttempts: 0 });
  return new Client({
    url,
    preferGetMethod: false,
    fetchOptions: { headers, credentials: "same-origin" },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (operation) => ({
          subscribe: (sink) => ({ unsubscribe: events.subscribe(operation, sink) }),
        }),
      }),
    ],
  });
}

/** What an answer's errors say to do: their codes, in order. */
export function codes(error) {
  return (error?.graphQLErrors ?? []).map((found) => found.extensions?.code);
}
