// The public page's only script, inlined.
(() => {
  // Pictures that wait in a noscript arrive when they come near.
  const near = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      const late = target.querySelector("noscript[data-late]");
      late.outerHTML = late.textContent;
    }
  }, { rootMargin: "100px" });
  for (const late of document.querySelectorAll("noscript[data-late]")) near.observe(late.parentElement);

  // Share by the phone's own sheet, else copy the address.
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
