// Asks now and then whether the order stands differently, and shows the page anew; slower while nothing happens.

const box = document.querySelector("[data-order-state]");
const news = document.querySelector("[data-order-news]");
const STEPS = [10, 15, 20, 30, 60]; // seconds
let turn = 0;

const sending = () => document.querySelector("form[data-sent]"); // a tap on its way is not cut off

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(box.dataset.orderUrl, { headers: { Accept: "application/json" } });
      if (answer.ok && (await answer.json()).state !== box.dataset.orderState && !sending()) return show();
    } catch {
      // no signal just now: the next look may have one
    }
  }
  turn = Math.min(turn + 1, STEPS.length - 1);
  setTimeout(look, STEPS[turn] * 1000);
}

function show() {
  // never take away what somebody is writing
  const writing = [...document.querySelectorAll("textarea")].some((field) => field.value.trim());
  if (writing) news.hidden = false;
  else location.replace(location.pathname);
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) turn = 0; });
setTimeout(look, STEPS[0] * 1000);
