// Films in lists show their first picture once they come into sight. Who saves data keeps the tile with the length.

if (!navigator.connection?.saveData) {
  const sight = new IntersectionObserver((rows) => {
    for (const { isIntersecting, target } of rows) {
      if (!isIntersecting) continue;
      sight.unobserve(target);
      target.src = `${target.dataset.film}#t=0.1`;
    }
  }, { rootMargin: "120px" });
  for (const film of document.querySelectorAll("video[data-film]")) sight.observe(film);
}
