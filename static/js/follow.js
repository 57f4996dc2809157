// Follows a post that is on its way: asks for its page again, and shows it anew once it says something else.

const EVERY = 4_000, LONGEST = 600_000; // milliseconds

const box = document.querySelector("[data-follow]");
const until = Date.now() + LONGEST;

const said = (page) => page.querySelector("[data-follow], [data-followed]")?.textContent.replace(/\s+/g, " ");

async function ask() {
  const busy = document.hidden || document.activeElement?.matches("input, textarea, select");
  if (!busy) {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
      const news = answer.ok && said(new DOMParser().parseFromString(await answer.text(), "text/html")) !== said(document);
      if (news && !document.querySelector("form[data-sent]")) { location.reload(); return; } // a tap on its way is not cut off
    } catch { /* no signal: ask again later */ }
  }
  if (Date.now() < until) setTimeout(ask, EVERY);
}

if (box) setTimeout(ask, EVERY);
