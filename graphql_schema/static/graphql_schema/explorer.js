// A page to try queries in. Everything comes from this server: no third party sees what is asked or answered.

const EXAMPLES = {
  newest: `query Newest($first: Int, $after: String) {
  auditEntries(first: $first, after: $after) {
    nodes {
      occurredAt
      description
      actor { label }
      changes { field old new masked }
    }
    pageInfo { hasNextPage endCursor }
  }
}`,
  present: `query Present {
  auditFacets {
    actors { value label }
    models { value label }
    actions { value label }
  }
  auditHistogram(filter: { period: LAST_7_DAYS }, bars: 14) {
    bars { start count }
  }
  auditEntryCount { value capped }
}`,
  history: `query History($model: String!, $objectId: String!) {
  auditRecordHistory(model: $model, objectId: $objectId) {
    nodes { id occurredAt action actor { label } changes { label old new } }
    count { value capped }
  }
}`,
};
const VARIABLES = {
  newest: { first: 10 },
  history: { model: "auth.user", objectId: "1" },
};
const SCHEMA = `query Schema { __schema { types {
  kind name description
  fields { name description type { ...T } args { name description type { ...T } } }
  inputFields { name description type { ...T } }
  enumValues { name description }
  possibleTypes { name }
} } }
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`;

const form = document.getElementById("explorer");
const [query, variables, answer, status, example] = ["query", "variables", "answer", "status", "example"].map((id) =>
  document.getElementById(id),
);

async function send(body) {
  const response = await fetch(location.pathname, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return `${response.status} ${response.statusText}`;
  }
}

async function run() {
  let given;
  try {
    given = variables.value.trim() ? JSON.parse(variables.value) : {};
  } catch {
    status.textContent = form.dataset.badVariables;
    return;
  }
  status.textContent = "…";
  const begun = performance.now();
  try {
    const found = await send({ query: query.value, variables: given });
    answer.textContent = typeof found === "string" ? found : JSON.stringify(found, null, 2);
    status.textContent = `${Math.round(performance.now() - begun)} ms`;
  } catch {
    status.textContent = form.dataset.failed;
  }
}

function choose() {
  query.value = EXAMPLES[example.value];
  variables.value = VARIABLES[example.value] ? JSON.stringify(VARIABLES[example.value], null, 2) : "";
}

function written(type) {
  if (type.kind === "NON_NULL") return `${written(type.ofType)}!`;
  return type.kind === "LIST" ? `[${written(type.ofType)}]` : type.name;
}

function element(tag, text, ...children) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

function lines(type) {
  const members = [...(type.fields ?? []), ...(type.inputFields ?? []), ...(type.enumValues ?? [])];
  return members.flatMap((member) => {
    const given = member.args?.length ? `(${member.args.map((a) => `${a.name}: ${written(a.type)}`).join(", ")})` : "";
    const kind = member.type ? `: ${written(member.type)}` : "";
    return [element("dt", `${member.name}${given}${kind}`), element("dd", member.description)];
  });
}

async function showSchema() {
  const types = (await send({ query: SCHEMA }))?.data?.__schema?.types;
  if (!types) return;
  const shown = types.filter((type) => /^(Query|Mutation|Subscription|Audit)/.test(type.name));
  shown.sort((a, b) => a.name.startsWith("Audit") - b.name.startsWith("Audit"));
  document.getElementById("schema").replaceChildren(
    ...shown.map((type) => {
      const union = type.possibleTypes ? ` = ${type.possibleTypes.map((one) => one.name).join(" | ")}` : "";
      return element(
        "details", "",
        element("summary", type.name),
        element("p", `${type.description ?? ""}${union}`),
        element("dl", "", ...lines(type)),
      );
    }),
  );
}

example.addEventListener("change", choose);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  }
});
choose();
showSchema();
