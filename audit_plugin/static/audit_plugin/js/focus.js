/*
 * Where somebody was whose link went away with the list it stood in: htmx finds again only what has an id.
 * Beside a chip that was taken away is the next one; else one is told how many entries there are now.
 */
const PLACES = ".audit-chips, .audit-news, .audit-empty, .audit-activity";
let left = false;

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    left = detail.elt.contains(document.activeElement) && detail.elt.closest(PLACES) !== null;
});

document.addEventListener("htmx:afterSettle", () => {
    if (!left || (document.activeElement && document.activeElement !== document.body)) {
        return;
    }
    const next = document.querySelector(".audit-chip a") ?? document.querySelector(".audit-count");
    left = false;
    if (next && !next.matches("a")) {
        next.setAttribute("tabindex", "-1");
    }
    next?.focus({ preventScroll: true });
});
