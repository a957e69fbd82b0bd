/* Ask for newer entries while somebody is looking. The notice has a place of its own, so nothing moves. */
const ask = () => {
    const place = document.querySelector("#audit-news");
    if (place && document.visibilityState === "visible") {
        window.htmx?.trigger(place, "audit:poll");
    }
};

const seconds = Number(document.querySelector("#audit-news")?.dataset.every);
if (seconds > 0) {
    window.setInterval(ask, seconds * 1000);
    document.addEventListener("visibilitychange", ask);
}
