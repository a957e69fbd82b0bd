// Lists the log, follows it, and takes changes back.
import { codes, connect, ENTRIES, FEED, PREVIEW, UNDO } from "./api.js";

const main = document.querySelector("main");
const list = document.getElementById("entries");
const older = document.getElementById("older");
const state = document.getElementById("state");
const dialog = document.getElementById("preview");
const client = connect(main.dataset.endpoint, main.querySelector("[name=csrfmiddlewaretoken]").value);
const known = new Set();
let endCursor = null;

function show(name, text) {
  state.dataset.state = name;
  state.textContent = text ?? state.dataset[name];
}

function add(entry, { fresh }) {
  // What came between the beginning of the feed and the list is in both.
  if (known.has(entry.id)) return;
  known.add(entry.id);
  const item = document.getElementById("entry").content.firstElementChild.cloneNode(true);
  const badge = item.querySelector(".badge");
  badge.dataset.role = entry.badge.role;
  badge.textContent = `${entry.badge.glyph} ${entry.badge.label}`;
  item.querySelector(".what").textContent = entry.description;
  const time = item.querySelector("time");
  time.dateTime = entry.occurredAt;
  time.textContent = new Date(entry.occurredAt).toLocaleTimeString();
  const undo = item.querySelector(".undo");
  undo.hidden = !["INSERT", "UPDATE", "DELETE", "LINKS"].includes(entry.operation);
  undo.addEventListener("click", () => preview(entry));
  if (fresh) item.classList.add("new");
  list[fresh ? "prepend" : "append"](item);
}

async function load() {
  const { data, error } = await client.query(ENTRIES, { after: endCursor }).toPromise();
  if (error) return show("ended", error.graphQLErrors[0]?.message ?? error.message);
  data.auditEntries.edges.forEach(({ node }) => add(node, { fresh: false }));
  ({ endCursor } = data.auditEntries.pageInfo);
  older.hidden = !data.auditEntries.pageInfo.hasNextPage;
}

function follow(after, pause = 500) {
  let cursor = after;
  let wait = pause;
  const again = () => {
    show("away");
    setTimeout(() => follow(cursor, Math.min(wait * 2, 15_000)), wait * (0.5 + Math.random()));
  };
  let ended = false;
  const end = (next) => {
    if (!ended) next();
    ended = true;
    unsubscribe();
  };
  const { unsubscribe } = client.subscription(FEED, { after }).subscribe(({ data, error }) => {
    if (codes(error).includes("UNAUTHENTICATED")) return location.assign(main.dataset.signIn);
    if (error?.graphQLErrors.length && !codes(error).includes("UNAVAILABLE")) {
      return end(() => show("ended", error.graphQLErrors[0].message));
    }
    if (error) return end(again);
    const step = data.auditFeed;
    const first = cursor === null;
    cursor = step.cursor;
    wait = 500;
    show("live");
    if (step.entry) add(step.entry, { fresh: true });
    // Everything committed before the first step is in the list by now, everything after will arrive here.
    else if (first) load();
  });
}

async function preview(entry) {
  const { data, error } = await client.mutation(PREVIEW, { entry: entry.id }).toPromise();
  const plan = data?.auditPreviewRestore;
  const problems = error ? [error.message] : (plan.conflicts ?? [{ message: plan.message }]).map((one) => one.message);
  const steps = (plan?.steps ?? []).map((step) => {
    const item = document.createElement("li");
    item.textContent = `${step.modelLabel}: ${step.objectRepr}`;
    return item;
  });
  document.getElementById("steps").replaceChildren(...steps);
  document.getElementById("problem").textContent = problems.join(" ");
  document.getElementById("confirm").disabled = !plan?.isClean || plan.isEmpty;
  dialog.returnValue = "";
  dialog.onclose = () => dialog.returnValue === "undo" && undo(entry, plan.token);
  dialog.showModal();
}

async function undo(entry, token) {
  const { data, error } = await client.mutation(UNDO, { entry: entry.id, token }).toPromise();
  const problem = error?.message ?? data.auditRestore.message;
  // What was restored arrives by the feed, as everything does.
  if (problem) show(state.dataset.state, problem);
}

older.addEventListener("click", load);
follow(null);
