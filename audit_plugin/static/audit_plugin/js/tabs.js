/* Where the tabs don't all fit, the current one is brought into sight. */
const show = () => {
    const current = document.querySelector(".audit-tabs a[aria-current]");
    const row = current?.closest(".audit-tabs");
    if (row) {
        const [inside, around] = [current.getBoundingClientRect(), row.getBoundingClientRect()];
        row.scrollBy(inside.left + inside.width / 2 - around.left - around.width / 2, 0);
    }
};

document.addEventListener("htmx:load", show);
show();
