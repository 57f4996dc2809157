// The calendar under one's fingers: a post that has not begun can be dragged to another day or free place, or moved by Shift
// with an arrow key. What is dropped is sent as a plain form; without this script each post has its page for another time.

const mover = document.querySelector("[data-mover]");
const NEAR = 72; // pixels from the edge of the screen: there the page scrolls along

function send(post, at) {
  if (at === post.dataset.at) return;
  mover.action = post.dataset.move;
  mover.elements.at.value = at;
  mover.elements.seen.value = post.dataset.seen;
  mover.requestSubmit();
}

const clock = (post) => post.dataset.at.split("T")[1];

function under(event) {
  const found = document.elementFromPoint(event.clientX, event.clientY);
  return found?.closest("td, .cal-column") && { place: found.closest("[data-place]"), day: found.closest("td, .cal-column") };
}

function drag(post, start) {
  let moving = false;
  let shown = null;
  const from = { x: start.clientX + scrollX, y: start.clientY + scrollY };
  const mark = (where) => {
    if (shown === where) return;
    shown?.classList.remove("dropping", "refusing");
    shown = where;
    shown?.classList.add(shown.closest("[data-day]") ? "dropping" : "refusing");
  };
  const move = (event) => {
    const x = event.clientX + scrollX - from.x;
    const y = event.clientY + scrollY - from.y;
    if (!moving && Math.hypot(x, y) < 6) return;
    if (!moving) {
      moving = true;
      post.classList.add("dragging");
      document.body.classList.add("cal-moving");
    }
    post.style.transform = `translate(${x}px, ${y}px)`;
    const where = under(event);
    mark(where ? where.place ?? where.day : null);
    if (event.clientY < NEAR) scrollBy(0, -10);
    if (event.clientY > innerHeight - NEAR) scrollBy(0, 10);
  };
  const end = (event) => {
    for (const [name, doer] of Object.entries(doers)) document.removeEventListener(name, doer, true);
    const where = moving && event.type === "pointerup" ? under(event) : null;
    mark(null);
    document.body.classList.remove("cal-moving");
    post.classList.remove("dragging");
    post.style.transform = "";
    if (moving) addEventListener("click", stop, { capture: true, once: true }); // letting go is no tap
    if (moving) setTimeout(() => removeEventListener("click", stop, true), 0);
    if (where?.place) send(post, where.place.dataset.place);
    else if (where?.day.dataset.day) send(post, `${where.day.dataset.day}T${clock(post)}`);
  };
  const escape = (event) => { if (event.key === "Escape") end(event); };
  const doers = { pointermove: move, pointerup: end, pointercancel: end, keydown: escape };
  for (const [name, doer] of Object.entries(doers)) document.addEventListener(name, doer, true);
}

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

const DAYS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

function byKey(post, event) {
  const days = DAYS[event.key];
  if (!days || !event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const day = new Date(`${post.dataset.at.split("T")[0]}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  send(post, `${day.toISOString().slice(0, 10)}T${clock(post)}`);
}

for (const post of document.querySelectorAll("[data-move]")) {
  post.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (event.button !== 0 || (event.pointerType !== "mouse" && !grip)) return; // a finger scrolls, but for the grip
    if (grip) event.preventDefault();
    drag(post, event);
  });
  post.addEventListener("keydown", (event) => byKey(post, event));
  post.addEventListener("dragstart", (event) => event.preventDefault());
}
for (const grip of document.querySelectorAll("[data-grip]")) {
  grip.hidden = false;
  grip.addEventListener("click", stop); // it only holds
}
if (document.querySelector("[data-move]")) {
  document.body.classList.add("cal-ready");
  const hint = document.querySelector("[data-hint]");
  hint.hidden = !matchMedia("(hover: hover)").matches;
}
if (location.hash.startsWith("#post-")) document.getElementById(location.hash.slice(1))?.focus({ preventScroll: true });
