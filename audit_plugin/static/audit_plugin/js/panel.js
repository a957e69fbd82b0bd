/*
 * The panel of one entry. It is a dialog that stands beside the list, or, where there is no room, lies over it:
 * then the browser itself keeps the focus inside, draws the backdrop and hears Escape.
 */
const narrow = window.matchMedia("(max-width: 1023.98px)");
const SLOT = "audit-slot";
let opener = null;

const slot = () => document.getElementById(SLOT);
const panel = () => slot()?.querySelector("dialog.audit-panel");
const links = () => [...document.querySelectorAll(".audit-table a.audit-open")];
const linkOf = (dialog) => links().find((link) => link.dataset.entry === dialog.dataset.entry) ?? null;

/** Show the dialog as the window's width asks for. */
const show = (dialog) => {
    dialog.close();
    if (narrow.matches) {
        dialog.showModal();
    } else {
        dialog.show();
    }
};

/** Mark the row the panel belongs to and let the panel's arrows lead to its neighbours. */
const place = (dialog) => {
    const all = links();
    const current = linkOf(dialog);
    for (const link of all) {
        link.toggleAttribute("aria-current", link === current);
        if (link === current) {
            link.setAttribute("aria-current", "true");
        }
    }
    const at = all.indexOf(current);
    for (const [name, step] of [["previous", -1], ["next", 1]]) {
        const arrow = dialog.querySelector(`[data-step="${name}"]`);
        const target = at < 0 ? null : all[at + step];
        if (arrow && at >= 0) {
            if (target) {
                arrow.href = target.href;
                arrow.removeAttribute("aria-disabled");
            } else {
                arrow.removeAttribute("href");
                arrow.setAttribute("aria-disabled", "true");
            }
        }
    }
    return current;
};

const opened = (focus) => {
    const dialog = panel();
    if (!dialog) {
        return;
    }
    // Showing a dialog moves the focus to its first button; where somebody was reading is remembered before.
    const had = dialog.contains(document.activeElement);
    show(dialog);
    opener = place(dialog) ?? opener;
    opener?.closest("tr")?.scrollIntoView({ block: "nearest" });
    if (focus || had || narrow.matches) {
        dialog.querySelector("h2")?.focus({ preventScroll: true });
    }
};

const close = () => {
    const dialog = panel();
    if (!dialog) {
        return;
    }
    const address = dialog.querySelector("a.audit-close")?.href;
    const back = linkOf(dialog) ?? opener;
    dialog.close();
    slot().replaceChildren();
    links().forEach((link) => link.removeAttribute("aria-current"));
    if (address && address !== window.location.href) {
        // Marked as htmx marks its own, so that going back brings the entry back.
        window.history.pushState({ htmx: true }, "", address);
    }
    back?.focus({ preventScroll: true });
};

const step = (by) => {
    const dialog = panel();
    const all = links();
    const at = dialog ? all.indexOf(linkOf(dialog)) : all.indexOf(document.activeElement);
    const target = at < 0 ? null : all[at + by];
    if (!target) {
        return at >= 0;
    }
    if (dialog) {
        target.click();
    } else {
        target.focus();
    }
    return true;
};

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.target.id === SLOT && !panel()?.contains(detail.elt)) {
        // From within a menu one comes back to the menu: what was in it is out of sight by then.
        opener = detail.elt.closest(".audit-menu")?.querySelector("summary") ?? detail.elt;
    }
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id === SLOT) {
        opened(true);
    } else if (panel()) {
        opened(false);
    }
});

document.addEventListener("click", (event) => {
    if (event.target.closest("a.audit-close") && panel() && window.htmx) {
        event.preventDefault();
        close();
        return;
    }
    const dialog = panel();
    if (dialog && event.target === dialog && dialog.matches(":modal")) {
        const { left, right, top, bottom } = dialog.getBoundingClientRect();
        const inside = event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
        if (!inside) {
            close();
        }
    }
});

document.addEventListener(
    "cancel",
    (event) => {
        if (event.target === panel()) {
            event.preventDefault();
            close();
        }
    },
    true,
);

document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
        return;
    }
    const escapes = event.key === "Escape" && panel() && !document.querySelector(".audit-menu[open]");
    if (escapes && panel().contains(event.target)) {
        event.preventDefault();
        close();
        return;
    }
    if (event.target.closest("input, select, textarea, pre, [contenteditable], .select2-container, .audit-activity")) {
        return;
    }
    if (escapes) {
        event.preventDefault();
        close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (step(event.key === "ArrowDown" ? 1 : -1)) {
            event.preventDefault();
        }
    }
});

narrow.addEventListener("change", () => panel() && show(panel()));

opened(false);
