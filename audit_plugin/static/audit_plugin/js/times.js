/* Ages that grow while the page is open, and times in the zone of whoever reads them. */
const UNITS = [
    ["year", 31536000],
    ["month", 2592000],
    ["week", 604800],
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
];
const words = new Intl.RelativeTimeFormat(document.documentElement.lang || undefined, { numeric: "always" });

const age = (seconds) => {
    const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ["second", 1];
    return words.format(-Math.floor(seconds / size), unit);
};

const tick = () => {
    for (const element of document.querySelectorAll(".audit-age[data-at]")) {
        const seconds = (Date.now() - Date.parse(element.dataset.at)) / 1000;
        // Younger than a minute stays as the server has said it: the two clocks may differ by that.
        if (seconds >= 60) {
            element.textContent = age(seconds);
        }
    }
};
window.setInterval(tick, 60_000);
// In the reader's language, also where Django's and ours aren't translated alike.
document.addEventListener("htmx:load", tick);
tick();

const page = document.querySelector(".audit[data-zone]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (page && zone && page.dataset.wants === "local" && page.dataset.zone !== zone) {
    const cookie = `audit_zone=${encodeURIComponent(zone)}`;
    if (!document.cookie.split("; ").includes(cookie)) {
        document.cookie = `${cookie}; path=${page.dataset.path}; SameSite=Lax`;
        // Only if the cookie has been taken, or this would go round in circles.
        if (document.cookie.split("; ").includes(cookie)) {
            window.location.reload();
        }
    }
}
