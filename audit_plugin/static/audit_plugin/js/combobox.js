/* Fields with choices as the admin's own Select2: to be searched by typing; the actor's choices come from the server. */
const start = (place) => {
    const $ = window.django?.jQuery;
    if (!$?.fn.select2) {
        return;
    }
    for (const element of place.querySelectorAll("select.audit-combobox:not(.select2-hidden-accessible)")) {
        $(element).select2({
            theme: "admin-autocomplete",
            width: "100%",
            dropdownAutoWidth: true,
            dropdownCssClass: "audit-choosing",
            allowClear: true,
            placeholder: element.options[0].text,
            minimumResultsForSearch: element.dataset.url ? 0 : 6,
            templateResult: ({ text, detail }) =>
                detail ? $("<span>").text(text).append($("<small class=\"audit-detail\">").text(detail)) : text,
            dir: document.documentElement.dir === "rtl" ? "rtl" : "ltr",
            ajax: element.dataset.url && {
                url: element.dataset.url,
                delay: 250,
                data: ({ term }) => ({ term: term ?? "", field: element.name }),
            },
        });
        // Its stand-in knows the value only, not what the field is called.
        const standIn = element.nextElementSibling;
        const shown = standIn?.querySelector(".select2-selection__rendered");
        if (shown) {
            const label = `audit-l-${element.name}`;
            shown.setAttribute("aria-labelledby", label);
            standIn.querySelector(".select2-selection").setAttribute("aria-labelledby", `${label} ${shown.id}`);
        }
        // Nor does what it opens say what it is, or belong to what opened it.
        $(element).on("select2:open", () => {
            const open = document.querySelector(".audit-choosing");
            open.querySelector(".select2-search__field").setAttribute("aria-labelledby", `audit-l-${element.name}`);
            const list = open.querySelector(".select2-results__options");
            list.setAttribute("aria-labelledby", `audit-l-${element.name}`);
            standIn.querySelector(".select2-selection").setAttribute("aria-controls", list.id);
        });
        // Select2 tells jQuery only.
        $(element).on("select2:select select2:clear", () => {
            element.dispatchEvent(new Event("change", { bubbles: true }));
        });
        // Clearing would otherwise open the list at once.
        $(element).on("select2:unselecting", () => {
            $(element).one("select2:opening", (event) => event.preventDefault());
        });
    }
};

document.addEventListener("htmx:load", ({ detail }) => start(detail.elt));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const $ = window.django?.jQuery;
    for (const element of detail.target.querySelectorAll("select.select2-hidden-accessible")) {
        $?.(element).select2("destroy");
    }
});
start(document);
