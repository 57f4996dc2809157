// The accent: a colour picker beside the text field, and the chosen look's own colour when the look changes.
const text = document.querySelector("[data-accent-text]");
const pick = document.querySelector("[data-accent-pick]");
pick.hidden = false;
pick.addEventListener("input", () => { text.value = pick.value; });
text.addEventListener("input", () => { if (/^#[0-9a-f]{6}$/i.test(text.value)) pick.value = text.value; });
for (const choice of document.querySelectorAll("[name=preset]")) {
  choice.addEventListener("change", () => { text.value = pick.value = choice.dataset.accent; });
}
