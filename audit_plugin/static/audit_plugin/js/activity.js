/* The bars of the activity chart are one stop of the Tab key; arrows go from bar to bar. */
const bars = (chart) => [...chart.querySelectorAll("a")];

const ready = (place) => {
    for (const chart of place.querySelectorAll(".audit-activity svg")) {
        bars(chart).forEach((bar, at, all) => bar.setAttribute("tabindex", at === all.length - 1 ? "0" : "-1"));
    }
};

document.addEventListener("keydown", (event) => {
    const chart = event.target.closest?.(".audit-activity svg");
    if (!chart) {
        return;
    }
    const all = bars(chart);
    const at = all.indexOf(event.target.closest("a"));
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const backward = forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
    const to = { [forward]: at + 1, [backward]: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || !all[to]) {
        return;
    }
    event.preventDefault();
    all[at].setAttribute("tabindex", "-1");
    all[to].setAttribute("tabindex", "0");
    all[to].focus();
});

/* htmx makes links of HTML quicker, not those of SVG. */
document.addEventListener("click", (event) => {
    const bar = event.target.closest?.(".audit-activity svg a");
    if (!bar || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) {
        return;
    }
    event.preventDefault();
    window.htmx.ajax("GET", bar.getAttribute("href"), { source: bar });
});

document.addEventListener("htmx:load", ({ detail }) => ready(detail.elt));
ready(document);
