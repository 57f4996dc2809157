// The page editor without reloads: forms marked data-live are sent in place, the answer's editor is swapped in and the
// preview brought up to date. Rows can be dragged by their grip. Without this script every form is a plain post.

const find = (selector, root = document) => root.querySelector(selector);

async function send(form) {
  const editor = find("[data-editor]");
  const body = new FormData(form);
  if (form.hasAttribute("data-slow")) form.dataset.busy = "";
  try {
    const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const swapped = find("[data-editor]", fresh);
    if (!answer.ok || !swapped) { location.assign(answer.url); return; }
    swap(editor, swapped, fresh);
    if (form.hasAttribute("data-slow")) form.reset();
    const anchor = new URL(answer.url).hash;
    return anchor;
  } catch {
    form.submit(); // offline or refused: let the browser do it and tell
  } finally {
    delete form.dataset.busy;
  }
}

function swap(editor, swapped, fresh) {
  const side = find(".editor-side", editor);
  const kept = document.activeElement?.closest("form")?.action;
  const label = document.activeElement?.getAttribute?.("aria-label");
  side.replaceWith(find(".editor-side", swapped));
  const said = find(".flashes", fresh);
  find(".flashes")?.remove();
  if (said) find("main").prepend(said);
  const saved = find("[data-saved]");
  if (saved) saved.hidden = false;
  wake();
  if (kept) {
    const again = [...document.forms].find((form) => form.action === kept && find("button", form)?.getAttribute("aria-label") === label);
    find("button:not([disabled])", again ?? document.createElement("i"))?.focus({ preventScroll: true });
  }
  preview();
}

async function preview() {
  const frame = find("[data-preview]");
  if (!frame || !frame.offsetParent) return;
  const old = frame.contentDocument;
  const html = await (await fetch(frame.src, { credentials: "same-origin" })).text();
  const theme = /<style>([^<]*)/.exec(html)?.[1];
  if (!old || find("style", old)?.textContent !== theme) { frame.contentWindow.location.reload(); return; }
  const fresh = new DOMParser().parseFromString(html.replace(/<style>[^<]*<\/style>/g, ""), "text/html");
  find("main", old).replaceWith(old.adoptNode(find("main", fresh)));
}

// What is asked for is seen at once; the server's answer then confirms it.
function atOnce(form) {
  const row = form.closest(".row-block");
  if (form.dataset.move === "up" && row?.previousElementSibling) row.previousElementSibling.before(row);
  if (form.dataset.move === "down" && row?.nextElementSibling) row.nextElementSibling.after(row);
  if (form.dataset.move) find("button", form).focus({ preventScroll: true }); // a row that moves in the tree loses it
}

function drag(grip) {
  grip.hidden = false;
  grip.addEventListener("pointerdown", (start) => {
    const row = grip.closest(".row-block");
    const rows = row.parentElement;
    const before = order(rows);
    row.classList.add("dragging");
    const move = (event) => {
      const over = [...rows.children].find((other) => {
        const box = other.getBoundingClientRect();
        return other !== row && event.clientY > box.top && event.clientY < box.bottom;
      });
      if (!over) return;
      const middle = over.getBoundingClientRect().top + over.offsetHeight / 2;
      const above = event.clientY < middle;
      if (above && over.previousElementSibling !== row) over.before(row);
      if (!above && over.nextElementSibling !== row) over.after(row);
    };
    const end = () => {
      document.removeEventListener("pointermove", move);
      document.removeEventListener("pointerup", end);
      document.removeEventListener("pointercancel", end);
      row.classList.remove("dragging");
      if (order(rows) === before) return;
      const form = find("[data-order]");
      form.elements.ids.value = order(rows);
      send(form);
    };
    // on the document: a row that is moved in the tree would lose a captured pointer
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", end);
    document.addEventListener("pointercancel", end);
    start.preventDefault();
  });
}

const order = (rows) => [...rows.children].map((row) => row.dataset.id).join(" ");

function wake() {
  for (const grip of document.querySelectorAll("[data-grip]")) drag(grip);
}

// Keys on a row: Alt with an arrow moves it.
document.addEventListener("keydown", (event) => {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const row = event.target.closest?.(".row-block");
  const form = row && find(`form[data-move=${event.key === "ArrowUp" ? "up" : "down"}]`, row);
  if (!form || find("button", form).disabled) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-live") || !find("[data-editor]")) return;
  event.preventDefault();
  if (form.dataset.busy !== undefined) return;
  atOnce(form);
  send(form);
}, true);

wake();
