// The composer while somebody types: the form is sent as it stands, the answer's parts (data-part) are swapped in. Buttons
// marked data-live do their deed in place. What is right is decided by the server alone; without this script every button is
// a plain post that brings the form back.

const form = document.querySelector("[data-compose]");
const LATER = 350; // milliseconds after the last key

const parts = new Map(); // name → what the server said last, so that only what differs is touched
let asked = 0;
let timer = 0;
let dirty = false;
let sure = false; // it would arrive
let asking = false;

async function refresh(deed = "look", { ask = "", pressed = null, again = false } = {}) {
  clearTimeout(timer);
  const mine = ++asked;
  const body = new FormData(form);
  body.delete("files");
  body.set("do", deed);
  body.set("ask", ask);
  try {
    const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin", headers: { "X-Live": "1" } });
    if (mine !== asked) return;
    if ([400, 401].includes(answer.status) && !again && await arrives()) { await refresh(deed, { ask, pressed, again: true }); return; }
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine === asked) swap(fresh, pressed);
  } catch { /* no signal: the next key asks again, and the buttons are plain posts */ }
}

// Whether the form would arrive. Where nobody is signed in any more, or no signal is, what was typed stays here, and a sentence
// says so; whoever has signed in anew has a new token.
async function arrives() {
  let lost = "";
  try {
    const answer = await fetch(form.dataset.alive, { credentials: "same-origin" });
    if (answer.redirected || answer.status === 401) lost = "ended";
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = !lost && page.querySelector("[name=csrf_token]")?.value;
    if (token) {
      form.elements.csrf_token.value = token;
      for (const box of form.querySelectorAll("[data-csrf]")) box.dataset.csrf = token;
    }
  } catch { lost = "offline"; }
  for (const said of form.querySelectorAll("[data-lost]")) said.hidden = said.dataset.lost !== lost;
  return !lost;
}

async function send(button) {
  if (asking) return;
  asking = true;
  sure = await arrives();
  asking = false;
  if (sure) form.requestSubmit(button);
}

function later(deed) {
  clearTimeout(timer);
  asked += 1; // an answer on its way knows less than what stands here now
  timer = setTimeout(() => refresh(deed), LATER);
}

function swap(fresh, pressed) {
  const here = document.activeElement;
  const mark = pressed ?? here;
  const section = mark?.closest("section");
  const typing = here?.matches("textarea, select, input:not([type=radio], [type=checkbox])");
  let lost = false;
  for (const part of form.querySelectorAll("[data-part]")) {
    const name = part.dataset.part;
    const next = fresh.querySelector(`[data-part="${CSS.escape(name)}"]`);
    if (!next || next.hasAttribute("data-empty")) continue;
    if (!pressed && typing && part.contains(here)) continue;
    const told = next.outerHTML;
    if (parts.get(name) === told) continue;
    parts.set(name, told);
    lost ||= part.contains(here);
    keepMedia(part, next);
    part.replaceWith(document.adoptNode(next));
  }
  show();
  if (lost) refocus(mark, section);
}

// A film that is shown already is not fetched again because a word was typed.
function keepMedia(part, next) {
  const there = [...part.querySelectorAll("video[src]")];
  for (const film of next.querySelectorAll("video[src]")) {
    const same = there.findIndex((old) => old.getAttribute("src") === film.getAttribute("src"));
    if (same >= 0) film.replaceWith(there.splice(same, 1)[0]);
  }
}

function refocus({ name, value }, section) {
  const again = name && form.querySelector(`[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]:not([disabled], [type=hidden])`);
  (again || section?.querySelector("button[data-live]:not([disabled])") || section)?.focus({ preventScroll: true });
}

// One channel's look at a time.
function show() {
  const chosen = form.querySelector("[name=look]:checked")?.value;
  for (const look of form.querySelectorAll("[data-look]")) look.toggleAttribute("data-behind", look.dataset.look !== chosen);
  for (const button of form.querySelectorAll("[data-play]")) { // what stands over the film would hide its own buttons
    button.hidden = false;
    button.parentElement.querySelector("video").controls = false;
  }
}

function play(button) {
  const film = button.parentElement.querySelector("video");
  if (film.paused) film.play().catch(() => {}); else film.pause();
  const told = () => button.setAttribute("aria-pressed", String(!film.paused));
  film.onplay = film.onpause = told;
}

// TikTok's choices are asked for when an account is ticked, and only then.
function wanting() {
  return [...form.querySelectorAll("[data-aim]:checked")]
    .map((box) => box.closest("fieldset").querySelector("[data-empty][data-part]")?.dataset.part.replace("options-", ""))
    .filter(Boolean).join(" ");
}

// Those that are ticked, where what is advertised decides what TikTok lets one choose.
function ticked() {
  return [...form.querySelectorAll("[data-provider=tiktok] [data-aim]:checked")].map((box) => box.value).join(" ");
}

function start() {
  form.dataset.on = "";
  for (const part of form.querySelectorAll("[data-part]")) parts.set(part.dataset.part, part.outerHTML);

  form.addEventListener("input", (event) => {
    if (event.target.name === "look" || event.target.type === "file") return;
    if (event.target.name !== "q") dirty = true;
    later(event.target.name === "q" ? "seek" : "look");
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "look") { show(); return; }
    event.target.removeAttribute("aria-invalid");
    const ask = event.target.matches("[data-aim]") ? wanting() : event.target.name.startsWith("commerce") ? ticked() : "";
    if (ask) refresh("look", { ask });
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-play]");
    if (button) play(button);
  });
  form.addEventListener("uploads:changed", () => { dirty = true; refresh("look", { ask: ticked() }); });

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    const deed = button?.value ?? "look";
    const leaves = deed !== "look" && !button.hasAttribute("data-live");
    if (leaves && sure) { dirty = sure = false; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (leaves) { send(button); return; }
    delete form.dataset.sent;
    if (deed !== "look" && deed !== "seek") dirty = true;
    if (button?.dataset.to) {
      const there = document.getElementById(button.dataset.to);
      there.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
      there.focus({ preventScroll: true });
    }
    // Enter in the search looks for it
    const seek = document.activeElement?.name === "q";
    const ask = button?.dataset.ask ?? (/^(more|less|remove):/.test(deed) ? ticked() : "");
    refresh(seek ? "seek" : deed, { ask, pressed: button?.hasAttribute("data-live") ? button : null });
  }, true);

  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  show();
  const ask = wanting();
  if (ask) refresh("look", { ask });
}

if (form) start();
