// Ways out by hand. The phone's own sheet gets words and link, and the picture where it takes files; else there is copying.
for (const box of document.querySelectorAll("[data-share]")) {
  const { address, picture } = box.dataset;
  const field = box.querySelector("[data-share-words]");
  const said = box.querySelector("[data-share-said]");
  const sheet = box.querySelector("[data-share-sheet]");
  const copy = box.querySelector("[data-share-copy]");
  const words = () => (field ? field.value.trim() : "");
  const withLink = (link) => [words(), link].filter(Boolean).join("\n");

  if (copy) {
    const label = copy.querySelector("span");
    const before = label.textContent;
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(withLink(address));
        label.textContent = copy.dataset.done;
        setTimeout(() => { label.textContent = before; }, 2000);
      } catch {
        field?.select();  // in-app browsers may refuse the clipboard
      }
    });
  }

  if (sheet && navigator.share) {
    const takesFiles = picture && navigator.canShare?.({ files: [new File([""], "picture.jpg", { type: "image/jpeg" })] });
    let files;
    sheet.hidden = Boolean(picture) && !takesFiles && !address;
    sheet.addEventListener("click", async () => {
      const what = address ? { text: words(), url: address } : {};
      try {
        if (takesFiles) {
          files ??= await (await fetch(picture)).blob().then((blob) => [new File([blob], "picture.jpg", { type: blob.type })]);
          what.files = files;
        }
        await navigator.share(what);
        said.textContent = "";
      } catch (refused) {
        if (refused.name === "AbortError") return;
        // the tap may have been too long ago once the picture was there
        said.textContent = refused.name === "NotAllowedError" && files ? sheet.dataset.again : sheet.dataset.failed;
      }
    });
  }

  // What is typed goes along in each app's link.
  field?.addEventListener("input", () => {
    for (const app of box.querySelectorAll("[data-share-app]")) {
      const text = app.dataset.link ? withLink(app.dataset.link) : words();
      app.href = app.dataset.shareApp.replace("{}", () => encodeURIComponent(text));
    }
  });
}
