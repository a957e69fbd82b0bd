/* On a phone the list comes first: fields that aren't set fold away behind a button. */
const narrow = window.matchMedia("(max-width: 767px)");

const ready = () => {
    const button = document.querySelector("button.audit-fold");
    const form = button?.closest("form");
    if (!button || button.dataset.ready) {
        return;
    }
    button.dataset.ready = "yes";
    const fold = (folded) => {
        form.classList.toggle("audit-folded", folded);
        button.setAttribute("aria-expanded", String(!folded));
    };
    const arrange = () => {
        button.hidden = !narrow.matches;
        fold(narrow.matches);
    };
    button.addEventListener("click", () => fold(!form.classList.contains("audit-folded")));
    narrow.addEventListener("change", arrange);
    arrange();
};

document.addEventListener("htmx:load", ready);
ready();
