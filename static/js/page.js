// The public page's only script, inlined: share by the phone's own sheet, else copy the address.
(() => {
  const button = document.querySelector("[data-share]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const url = document.querySelector("link[rel=canonical]").href;
    try {
      if (navigator.share) await navigator.share({ title: document.title, url });
      else {
        await navigator.clipboard.writeText(url);
        document.querySelector("[data-said]").textContent = button.dataset.done;
        button.title = button.dataset.done;
      }
    } catch (refused) {
      if (refused.name !== "AbortError") prompt(button.getAttribute("aria-label"), url);
    }
  });
})();
