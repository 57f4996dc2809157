// Offers a free handle made from the address, until the person writes their own.
const form = document.querySelector("[data-sign-up]");
const email = form.elements.email;
const handle = form.elements.handle;
let own = handle.value !== "";
handle.addEventListener("input", () => { own = handle.value !== ""; });
email.addEventListener("change", async () => {
  const from = email.value.split("@")[0];
  if (own || from === "") return;
  const answer = await fetch(`${form.dataset.signUp}?from=${encodeURIComponent(from)}`).catch(() => null);
  const idea = answer?.ok ? (await answer.json()).handle : "";
  if (!idea || own) return; // asked last: they may have written while we waited
  handle.value = idea;
  if (document.activeElement === handle) handle.select(); // or be about to: their first letter takes its place
});
