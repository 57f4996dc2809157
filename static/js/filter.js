// Long lists of boxes get a search field: what does not match is hidden, what is ticked stays.
for (const list of document.querySelectorAll("[data-filter]")) {
  const boxes = [...list.querySelectorAll(".check")];
  const field = document.createElement("input");
  field.type = "search";
  field.className = "input";
  field.placeholder = list.dataset.filter;
  field.setAttribute("aria-label", `${list.dataset.filter}: ${list.querySelector("legend").textContent}`);
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    for (const box of boxes) {
      box.hidden = !box.querySelector("input").checked && !box.textContent.toLowerCase().includes(wanted);
    }
  });
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  list.querySelector(".boxes-list").before(field);
}
