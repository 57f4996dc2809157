// Totals of a review as they are typed: whole minor units, the same reading of separators as the server's.
const form = document.querySelector("[data-review]");

function minor(text, places) {
  const bare = text.replace(/[^\d.,]/g, "");
  if (!bare) return 0;
  const tail = /^(.*)[.,](\d{1,2})$/.exec(bare);
  const whole = (tail ? tail[1] : bare).replace(/[.,]/g, "") || "0";
  const rest = tail ? tail[2] : "";
  if (rest.length > places && Number(rest) !== 0) return NaN;
  return Number(whole) * 10 ** places + (places ? Number(rest.padEnd(places, "0")) || 0 : 0);
}

function shown(amount, places, like) {
  const digits = String(Math.abs(amount)).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, like.group);
  return `${amount < 0 ? "−" : ""}${like.before}${whole}${places ? like.point + digits.slice(-places) : ""}${like.after}`;
}

if (form) {
  const places = Number(form.dataset.places);
  const goods = form.querySelector("[data-goods]");
  const total = form.querySelector("[data-total]");
  const stated = form.querySelector("[data-stated]");
  const sample = total.textContent.trim();
  const number = /[\d.,\u00a0\u202f]*\d/.exec(sample)[0];
  const like = {
    before: sample.slice(0, sample.indexOf(number)).replace("−", ""), after: sample.slice(sample.indexOf(number) + number.length),
    point: places ? number.at(-places - 1) : "", group: document.documentElement.lang === "id" || sample.startsWith("Rp") ? "." : ",",
  };
  form.querySelector(".no-script").hidden = true;
  const read = (input) => minor(input.value, places);
  form.addEventListener("input", () => {
    let sum = 0;
    for (const line of form.querySelectorAll("[data-line]")) {
      const [price, quantity, discount] = ["price", "quantity", "discount"].map((kind) => line.querySelector(`[data-sum=${kind}]`));
      const pieces = Number(quantity.value) || 0;
      if (pieces > 0) sum += read(price) * pieces - read(discount);
    }
    sum -= read(form.querySelector("[data-sum=off]"));
    let whole = sum;
    for (const input of form.querySelectorAll("[data-sum=beside]")) whole += read(input);
    goods.textContent = Number.isNaN(sum) ? "–" : shown(sum, places, like);
    total.textContent = Number.isNaN(whole) ? "–" : shown(whole, places, like);
    if (stated) {
      const agrees = whole === Number(stated.dataset.stated);
      stated.querySelector("[data-agrees]").hidden = !agrees;
      stated.querySelector("[data-differs]").hidden = agrees;
    }
  });
}
