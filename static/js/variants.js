// Another variant without a round trip; without script the button asks the server for an empty row.

for (const box of document.querySelectorAll("[data-variants]")) {
  const button = box.querySelector("[data-add-variant]");
  const rows = () => box.querySelectorAll("[data-variant]");
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const count = rows().length;
    if (count >= Number(box.dataset.most)) return;
    const fresh = rows()[count - 1].cloneNode(true);
    const number = (text) => text?.replace(/variants-\d+-/g, `variants-${count}-`);
    for (const node of fresh.querySelectorAll("[id], [for], [name], [aria-describedby]")) {
      for (const name of ["id", "for", "name", "aria-describedby"]) {
        if (node.hasAttribute(name)) node.setAttribute(name, number(node.getAttribute(name)));
      }
      node.removeAttribute("aria-invalid");
    }
    for (const input of fresh.querySelectorAll("input")) {
      if (input.type === "checkbox") input.closest(".field").remove();
      else input.value = "";
    }
    for (const error of fresh.querySelectorAll(".error")) error.remove();
    const legend = fresh.querySelector("legend");
    legend.textContent = legend.textContent.replace(/\d+/, count + 1);
    rows()[count - 1].after(fresh);
    for (const name of box.querySelectorAll("[data-variant-name]")) name.hidden = false;
    fresh.querySelector("[data-variant-name] input").focus();
  });
}
