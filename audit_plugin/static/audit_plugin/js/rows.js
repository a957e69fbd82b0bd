/* A click anywhere on a row opens its entry, unless it was meant for something on the row or selects text. */
document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) {
        return;
    }
    const row = event.target.closest(".audit-table tbody tr");
    if (!row || event.target.closest("a, button, summary, input, label, select")) {
        return;
    }
    if (!window.getSelection().isCollapsed) {
        return;
    }
    const link = row.querySelector("a.audit-open");
    if (event.ctrlKey || event.metaKey) {
        window.open(link.href);
    } else {
        link?.click();
    }
});
