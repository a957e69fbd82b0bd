/* Ticking rows: all at once, and how many are ticked. Without a script each box still counts. */
const boxes = () => [...document.querySelectorAll(".audit-table input[name='entry']")];

const show = () => {
    const all = boxes();
    const ticked = all.filter((box) => box.checked).length;
    const head = document.querySelector(".audit-select-all");
    if (head) {
        head.hidden = false;
        head.checked = ticked > 0 && ticked === all.length;
        head.indeterminate = ticked > 0 && ticked < all.length;
    }
    const count = document.querySelector(".audit-selected-count");
    if (count) {
        count.textContent = ticked ? `(${ticked})` : "";
        count.closest("button").disabled = ticked === 0;
    }
};

document.addEventListener("change", ({ target }) => {
    if (target.matches?.(".audit-select-all")) {
        boxes().forEach((box) => {
            box.checked = target.checked;
        });
    }
    if (target.matches?.(".audit-select-all, input[name='entry']")) {
        show();
    }
});

document.addEventListener("htmx:load", show);
/* Coming back, the browser may have kept the ticks. */
window.addEventListener("pageshow", show);
show();
