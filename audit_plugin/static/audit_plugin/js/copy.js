/* Copy buttons. They appear only where there is a script to copy with. */
const ready = (place) => {
    for (const button of place.querySelectorAll("button.audit-copy[hidden]")) {
        button.hidden = false;
    }
};

/** For pages that are not served safely, where the browser offers no clipboard. */
const copyBySelecting = (element) => {
    const selection = window.getSelection();
    selection.selectAllChildren(element);
    const done = document.execCommand("copy");
    selection.removeAllRanges();
    return done;
};

document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.audit-copy");
    if (!button) {
        return;
    }
    const source = document.getElementById(button.dataset.copies);
    let done = true;
    try {
        await navigator.clipboard.writeText(source.textContent);
    } catch {
        done = copyBySelecting(source);
    }
    const label = button.querySelector("[aria-live]");
    label.textContent = done ? button.dataset.done : button.dataset.failed;
    window.setTimeout(() => {
        label.textContent = button.dataset.label;
    }, 2000);
});

document.addEventListener("htmx:load", ({ detail }) => ready(detail.elt));
ready(document);
