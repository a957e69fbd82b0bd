// A client on generated types: it lists, and takes a change back. What TypeScript has to refuse says so.
import { Client, fetchExchange } from "@urql/core";
import {
  EntriesDocument,
  type FeedSubscription,
  LogDocument,
  type LogQuery,
  PreviewDocument,
  RequestExportDocument,
  UndoDocument,
} from "./generated/graphql";

export function connect(url: string, headers: Record<string, string>): Client {
  return new Client({ url, preferGetMethod: false, fetchOptions: { headers }, exchanges: [fetchExchange] });
}

/** What the demo's page lists. */
export async function list(client: Client): Promise<string[]> {
  const { data } = await client.query(EntriesDocument, {}).toPromise();
  return (data?.auditEntries.edges ?? []).map(({ node }) => `${node.badge.role} ${node.objectRepr}`);
}

/** The newest change of a model, field by field. */
export async function newest(client: Client, model: string): Promise<LogQuery["auditEntries"]["edges"][0]["node"]> {
  const { data, error } = await client.query(LogDocument, { filter: { model }, first: 1 }).toPromise();
  if (!data) throw error;
  return data.auditEntries.edges[0].node;
}

/** Take a change back the way the demo's page does: preview, then exactly that. */
export async function undo(client: Client, entry: string): Promise<string> {
  const plan = (await client.mutation(PreviewDocument, { entry }).toPromise()).data?.auditPreviewRestore;
  if (plan?.__typename !== "AuditRestorePlan") return plan?.message ?? "no answer";
  const done = (await client.mutation(UndoDocument, { entry, token: plan.token }).toPromise()).data?.auditRestore;
  return done?.__typename === "AuditRestoreDone" ? `undone: ${done.count}` : (done?.message ?? "no answer");
}

export const told = ({ auditFeed }: FeedSubscription): string => auditFeed.entry?.badge.label ?? auditFeed.cursor;

export async function refused(client: Client): Promise<unknown[]> {
  return [
    // @ts-expect-error: there is no such field of the filter.
    await client.query(LogDocument, { filter: { modell: "auth.user" } }).toPromise(),
    // @ts-expect-error: an entry has to be named.
    await client.mutation(UndoDocument, {}).toPromise(),
    // @ts-expect-error: no format of files.
    await client.mutation(RequestExportDocument, { format: "PDF" }).toPromise(),
    // @ts-expect-error: moments are text.
    (await newest(client, "auth.user")).occurredAt.getTime(),
  ];
}
