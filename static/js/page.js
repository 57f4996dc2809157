// The public page's only script, inlined.
(() => {
  // Pictures that wait in a noscript arrive when they come near; once the person scrolls, a whole screen ahead.
  const watch = (rootMargin) => {
    const near = new IntersectionObserver((seen) => {
      for (const { isIntersecting, target } of seen) {
        const late = isIntersecting && target.querySelector("noscript[data-late]");
        if (late) late.outerHTML = late.textContent;
      }
    }, { rootMargin });
    for (const late of document.querySelectorAll("noscript[data-late]")) near.observe(late.parentElement);
  };
  watch("100px");
  addEventListener("scroll", () => watch("1000px"), { once: true, passive: true });

  // Only pages like this one fade into each other; the cart would refuse, and call it an error.
  addEventListener("pageswap", ({ activation, viewTransition }) => {
    if (!activation?.entry.url?.includes("/@")) viewTransition?.skipTransition();
  });

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
