// A page in Relay. Refetching begins at Query: there is no `node`, which a host's schema has of its own, and an entry never changes.
import { graphql } from "relay-runtime";

export const page = graphql`
  query LogQuery($filter: AuditEntryFilter) {
    ...Log_entries @arguments(filter: $filter)
  }
`;

export const entries = graphql`
  fragment Log_entries on Query
  @refetchable(queryName: "LogPageQuery")
  @argumentDefinitions(
    filter: { type: "AuditEntryFilter" }
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  ) {
    auditEntries(filter: $filter, first: $first, after: $after, last: $last, before: $before)
      @connection(key: "Log_auditEntries", filters: ["filter"]) {
      edges {
        node {
          id
          ...Log_entry
        }
      }
    }
  }
`;

export const entry = graphql`
  fragment Log_entry on AuditEntry {
    occurredAt
    description
    badge { role label glyph }
    changes { field old new }
  }
`;

export const one = graphql`
  fragment Log_one on Query @refetchable(queryName: "LogOneQuery") @argumentDefinitions(id: { type: "ID!" }) {
    auditEntry(id: $id) { ...Log_entry context { requestId } }
  }
`;

export const feed = graphql`
  subscription LogFeedSubscription($after: String) {
    auditFeed(after: $after) { cursor entry { id ...Log_entry } }
  }
`;

export const undo = graphql`
  mutation LogUndoMutation($entry: ID!, $token: String) {
    auditRestore(ask: { undo: { entry: $entry } }, token: $token) {
      __typename
      ... on AuditRestoreDone { count entries }
      ... on AuditRestoreConflict { message plan { token conflicts { message } } }
      ... on AuditRestoreRefused { message }
    }
  }
`;
