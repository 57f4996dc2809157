// A button that shows what is typed; without script there is no button and nothing is missing.
for (const box of document.querySelectorAll("[data-password]")) {
  const input = box.querySelector("input");
  const button = box.querySelector("[data-password-button]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    button.querySelector("use").setAttribute("href", button.querySelector("use").getAttribute("href").replace(/#.*/, show ? "#eye-off" : "#eye"));
    input.focus();
  });
  // never send it as ordinary text, which browsers would remember
  input.form.addEventListener("submit", () => { input.type = "password"; });
}
