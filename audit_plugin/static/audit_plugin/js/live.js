/*
 * What links and forms do by themselves, done by htmx without a new page. This module only tidies up around it:
 * short addresses, a way out when somebody has been signed out meanwhile, a word when the server doesn't answer.
 */
const root = () => document.querySelector(".audit");

/** Say something to everybody: shown, and read out. */
const say = (text) => {
    const place = document.querySelector("#audit-message");
    if (place) {
        place.textContent = text;
        place.hidden = !text;
    }
};

if (window.htmx) {
    root()?.classList.add("audit-live");

    document.addEventListener("htmx:configRequest", ({ detail }) => {
        for (const [name, value] of [...detail.formData.entries()]) {
            if (value === "") {
                detail.formData.delete(name);
            }
        }
        if (detail.elt.id === "audit-filters" && [...detail.formData.keys()].length === 0) {
            // A bare address means "as I left it"; this one means everything.
            detail.formData.set("all", "1");
        }
        say("");
    });

    // What is typed counts as it is typed. On leaving the field the browser says once more that it changed: the list would
    // come again, and take away what was opened meanwhile.
    document.addEventListener(
        "change",
        (event) => {
            if (event.target.id === "audit-f-search") {
                event.stopPropagation();
            }
        },
        true,
    );

    document.addEventListener("htmx:beforeOnLoad", (event) => {
        const { xhr } = event.detail;
        const answered = new URL(xhr.responseURL || window.location.href);
        const asked = new URL(event.detail.pathInfo.finalRequestPath, window.location.href);
        if (answered.pathname !== asked.pathname) {
            // A redirect to somewhere else, most likely to the sign-in.
            event.preventDefault();
            window.location.assign(asked);
        }
    });

    document.addEventListener("htmx:afterSwap", () => root()?.classList.add("audit-live"));

    const failed = () => say(root()?.dataset.failed ?? "");
    document.addEventListener("htmx:responseError", failed);
    document.addEventListener("htmx:sendError", failed);
    document.addEventListener("htmx:timeout", failed);
}

/** A ready-made period and dates of one's own are two ways to say the same: the newer one counts. */
document.addEventListener(
    "change",
    ({ target }) => {
        const form = target.closest?.("#audit-filters");
        if (!form || !target.value) {
            return;
        }
        if (target.name === "period") {
            for (const name of ["since", "until"]) {
                form.elements[name].value = "";
                form.elements[name].type = "date"; // It may have been a moment, as a bar of the chart sets it.
            }
        } else if (target.name === "since" || target.name === "until") {
            form.querySelector("[name='period'][value='']").checked = true;
        }
    },
    true,
);

/** Of the fields of one group only one can be set: choosing one clears the others before the form is sent. */
document.addEventListener(
    "change",
    ({ target }) => {
        const group = target.dataset?.group;
        if (!group || !target.value) {
            return;
        }
        for (const other of target.form.elements) {
            if (other !== target && other.dataset.group === group && other.value) {
                other.value = "";
                window.django?.jQuery?.(other).trigger("change.select2");
            }
        }
    },
    true,
);
