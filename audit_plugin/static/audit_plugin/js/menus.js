/* Menus are <details>: they open by themselves, and close when one goes elsewhere. */
const open = () => [...document.querySelectorAll(".audit-menu[open]")];

document.addEventListener("click", (event) => {
    for (const menu of open()) {
        if (!menu.contains(event.target)) {
            menu.open = false;
        }
    }
});

document.addEventListener("htmx:afterSwap", () => open().forEach((menu) => menu.removeAttribute("open")));

document.addEventListener("focusin", (event) => {
    for (const menu of open()) {
        if (!menu.contains(event.target)) {
            menu.open = false;
        }
    }
});

document.addEventListener(
    "keydown",
    (event) => {
        const [menu] = open();
        if (event.key === "Escape" && menu) {
            event.preventDefault();
            menu.open = false;
            menu.querySelector("summary").focus();
        }
    },
    true,
);
