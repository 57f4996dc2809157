// Sends chosen files at once, piece by piece (tus 1.0): how far each has come in words, on after a lost signal, and on again
// when the same file is chosen after the page was closed. What is ready becomes a hidden input. Without this script the files
// come with the form.

const LEAST = 64 * 1024, MOST = 8 * 1024 * 1024; // bytes of one piece
const WAITS = [1, 2, 4, 8, 15, 30]; // seconds
const PATIENCE = 90_000; // milliseconds for one piece

const pause = (seconds) => new Promise((go) => {
  const timer = setTimeout(go, seconds * 1000);
  addEventListener("online", () => { clearTimeout(timer); go(); }, { once: true });
});

// "8,4 MB" as the reader writes numbers
const megabytes = (bytes) => `${(bytes / 2 ** 20).toLocaleString(document.documentElement.lang || undefined, { maximumFractionDigits: 1 })} MB`;
const filled = (text, words) => text.replace(/\{(\w+)\}/g, (_, word) => words[word] ?? "");

// again: whether trying the same file once more may help
class Failed extends Error {
  constructor(message, again = true) {
    super(message);
    this.again = again;
  }
}

class Box {
  constructor(element) {
    this.element = element;
    this.words = element.dataset;
    this.list = element.querySelector("[data-uploads-list]");
    this.queue = Promise.resolve();
    this.chooser = element.querySelector("input[type=file]");
    element.dataset.uploadsOn = "";
    this.chooser.addEventListener("change", () => this.take([...this.chooser.files]));
    const drop = element.querySelector("[data-uploads-drop]");
    for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.dataset.over = ""; });
    for (const name of ["dragleave", "drop"]) drop.addEventListener(name, (event) => { event.preventDefault(); delete drop.dataset.over; });
    drop.addEventListener("drop", (event) => this.take([...event.dataTransfer.files]));
    // whoever shows the files of this form has it now: the row here has done its part
    new MutationObserver(() => this.handOver()).observe(element.closest("form") ?? element, { childList: true, subtree: true });
  }

  take(files) {
    this.chooser.value = "";
    for (const file of files) {
      const sending = new Sending(this, file);
      this.queue = this.queue.then(() => sending.run());
    }
  }

  headers(more = {}) {
    return { "Tus-Resumable": "1.0.0", "X-CSRFToken": this.words.csrf, ...more };
  }

  say(text) {
    this.element.querySelector("[data-uploads-say]").textContent = text;
  }

  changed() {
    const items = [...this.list.children].map((row) => row.told).filter(Boolean);
    this.element.dispatchEvent(new CustomEvent("uploads:changed", { bubbles: true, detail: { items } }));
    const busy = [...this.list.children].some((row) => row.dataset.state !== "ready");
    if ("uploadsAgain" in this.words && items.length && !busy) location.reload();
  }

  handOver() {
    const form = this.element.closest("form");
    for (const row of [...this.list.children]) {
      const id = row.told?.id;
      if (!id || !form) continue;
      const others = [...form.querySelectorAll(`input[name="${this.words.name}"]`)].filter((input) => !this.list.contains(input));
      if (others.some((input) => input.value === id)) row.remove();
    }
  }
}

class Sending {
  constructor(box, file) {
    this.box = box;
    this.file = file;
    this.at = 0;
    this.piece = 512 * 1024;
    this.most = MOST;
    this.memory = `upload:${box.words.uploads}:${file.name}:${file.size}:${file.lastModified}`;
    this.row = box.element.querySelector("[data-uploads-row]").content.firstElementChild.cloneNode(true);
    this.row.querySelector("[data-row-name]").textContent = file.name;
    this.row.querySelector("progress").setAttribute("aria-label", file.name);
    this.again = this.row.querySelector("[data-row-again]");
    this.end = this.row.querySelector("[data-row-end]");
    this.end.setAttribute("aria-label", filled(this.end.dataset.label, { name: file.name }));
    this.end.addEventListener("click", () => this.giveUp());
    this.again.addEventListener("click", () => { box.queue = box.queue.then(() => this.run()); });
    this.show("waiting", box.words.waits);
    box.list.append(this.row);
  }

  show(state, text, percent = null) {
    this.row.dataset.state = state;
    this.row.querySelector("[data-row-text]").textContent = text;
    if (percent !== null) this.row.querySelector("progress").value = percent;
    this.again.hidden = true;
  }

  progress(done) {
    const percent = Math.floor(100 * done / this.file.size);
    this.show("sending", filled(this.box.words.goes, { percent, done: megabytes(done), all: megabytes(this.file.size) }), percent);
  }

  async run() {
    if (this.over) return;
    try {
      this.check();
      await this.persist(() => this.begin());
      while (this.at < this.file.size && !this.over) await this.persist(() => this.send());
      if (!this.over) this.done(await this.persist(() => this.outcome()));
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      if (this.over) return;
      this.forget();
      this.show("failed", error.message);
      this.again.hidden = !error.again;
      this.box.say(filled(this.box.words.failed, { name: this.file.name, why: error.message }));
    }
  }

  check() {
    const most = Number(this.file.type.startsWith("image/") ? this.box.words.mostPicture : this.box.words.mostFilm);
    if (this.file.size > most) throw new Failed(filled(this.box.words.large, { most: megabytes(most) }), false);
  }

  // Does a step until it is done; false from it means: not now, ask where we are and try again.
  async persist(step) {
    for (let turn = 0; !this.over; turn += 1) {
      const done = await step().catch((error) => { if (error instanceof Failed) throw error; return false; });
      if (done !== false) return done;
      const percent = Math.floor(100 * this.at / this.file.size);
      this.show("stopped", filled(this.box.words.stopped, { percent }), percent);
      this.piece = Math.max(LEAST, this.piece / 2);
      await pause(WAITS[Math.min(turn, WAITS.length - 1)]);
      if (this.url && !this.over) await this.ask().catch(() => false);
    }
    return null;
  }

  async begin() {
    this.url ??= this.recall();
    if (this.url && await this.ask()) return true;
    const encoded = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
    const metadata = `filename ${encoded(this.file.name)},filetype ${encoded(this.file.type)}`;
    const headers = this.box.headers({ "Upload-Length": String(this.file.size), "Upload-Metadata": metadata });
    const answer = await fetch(this.box.words.uploads, { method: "POST", headers, credentials: "same-origin", redirect: "manual" });
    if (answer.status !== 201) return this.refused(answer.status, await answer.json().catch(() => ({})));
    this.url = answer.headers.get("Location");
    this.at = 0;
    this.remember();
    return true;
  }

  // How far the server has come; false where it knows nothing of it any more.
  async ask() {
    const answer = await fetch(this.url, { headers: this.box.headers({ Accept: "application/json" }), credentials: "same-origin", redirect: "manual" });
    if (answer.status === 404 || answer.status === 410) { this.url = null; this.at = 0; this.forget(); return false; }
    if (!answer.ok) return this.refused(answer.status, await answer.json().catch(() => ({})));
    const told = await answer.json();
    if (told.state === "refused") { this.last = told.sentence; this.url = null; this.forget(); return false; }
    this.at = told.received;
    return told;
  }

  async send() {
    if (!this.url) return this.begin();
    const bytes = await this.file.slice(this.at, this.at + this.piece).arrayBuffer().catch(() => { throw new Failed(this.box.words.unread); });
    const began = performance.now();
    const { status, at, body } = await this.patch(bytes);
    if (status === 204) {
      this.at = at;
      if (performance.now() - began < 2000) this.piece = Math.min(this.most, this.piece * 2);
      this.progress(this.at);
      return true;
    }
    if (status === 409 && at !== null) { this.at = at; return true; }
    if (status === 404 || status === 410) { this.url = null; this.at = 0; this.forget(); return false; }
    if (status === 413 && !body.sentence && this.piece > LEAST) { // a proxy before us takes less at once
      this.most = this.piece = this.piece / 2;
      return true;
    }
    return this.refused(status, body);
  }

  // fetch() tells nothing of how far a body has gone
  patch(bytes) {
    return new Promise((told) => {
      const request = this.request = new XMLHttpRequest();
      request.open("PATCH", this.url);
      const headers = this.box.headers({ "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(this.at) });
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.timeout = PATIENCE;
      request.upload.addEventListener("progress", (event) => this.progress(Math.min(this.file.size, this.at + event.loaded)));
      request.addEventListener("loadend", () => {
        const at = request.getResponseHeader("Upload-Offset");
        let body = {};
        try { body = JSON.parse(request.responseText); } catch { /* nothing was said */ }
        told({ status: request.status, at: at === null ? null : Number(at), body });
      });
      request.send(bytes);
    });
  }

  refused(status, body) {
    if (status === 0 || status === 429 || status >= 500 || status === 408 || status === 409 && body.code === "wrong_offset") return false;
    if (status === 401 || status === 403 || status === 400 && !body.sentence) throw new Failed(this.box.words.signin);
    throw new Failed(body.sentence ?? String(status), ![413, 415, 422].includes(status));
  }

  async outcome() {
    this.show("looking", this.box.words.looks, 100);
    for (;;) {
      const told = await this.ask();
      if (told === false && !this.url) throw new Failed(this.last ?? this.box.words.unread, !this.last);
      if (told === false) return false;
      if (told.state === "ready") return told;
      await pause(1);
    }
  }

  done(told) {
    if (!told) return;
    this.forget();
    this.row.told = told;
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = this.box.words.name;
    input.value = told.id;
    this.row.append(input);
    const said = filled(this.box.words.ready, { name: this.file.name });
    this.show("ready", said, 100);
    this.box.say(said);
    this.box.changed();
  }

  giveUp() {
    this.over = true;
    this.request?.abort();
    this.row.remove();
    this.forget();
    if (this.url) fetch(this.url, { method: "DELETE", headers: this.box.headers(), credentials: "same-origin" }).catch(() => {});
    this.box.changed();
  }

  remember() { try { localStorage.setItem(this.memory, this.url); } catch { /* private mode */ } }
  forget() { try { localStorage.removeItem(this.memory); } catch { /* private mode */ } }
  recall() { try { return localStorage.getItem(this.memory); } catch { return null; } }
}

for (const element of document.querySelectorAll("[data-uploads]")) new Box(element);
