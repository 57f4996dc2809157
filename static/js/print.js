// Buttons that print the page: shown only where there is a script to do it. Folded parts are printed open.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
addEventListener("beforeprint", () => { for (const part of document.querySelectorAll(".receipt details")) part.open = true; });
