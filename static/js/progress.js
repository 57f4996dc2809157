// Follows long work: asks how far it is, moves the bar, shows the result when it is there.
const box = document.querySelector("[data-progress]");
if (box) {
  const bar = box.querySelector("progress");
  const done = box.querySelector("[data-progress-done]");
  const ask = async () => {
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
      const state = await answer.json();
      bar.max = Math.max(1, state.total);
      bar.value = state.done;
      done.textContent = state.done;
      if (state.state === "done" || state.state === "failed") { location.reload(); return; }
    } catch { /* no signal: ask again later */ }
    setTimeout(ask, 1500);
  };
  setTimeout(ask, 800);
}
