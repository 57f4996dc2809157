// The preview follows what is typed; without script the Preview button does it.

const editor = document.querySelector("[data-map-editor]");
let waiting;
let asked = 0;

async function look() {
  const turn = ++asked;
  const body = new URLSearchParams(new FormData(editor));
  body.set("do", "look");
  const answer = await fetch(location.href, { method: "POST", body, credentials: "same-origin" }).catch(() => null);
  if (!answer || turn !== asked || ![200, 422].includes(answer.status)) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("preview");
  if (fresh && turn === asked) document.getElementById("preview").replaceChildren(...fresh.childNodes);
}

editor.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(look, 400);
});
