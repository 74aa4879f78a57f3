(() => {
  const page = document.documentElement;
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem("cd.preferences") || "{}").state || {};
  } catch {
    // Storage is switched off or holds what is not ours.
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  page.dataset.theme = kept.theme === "dark" || kept.theme === "light" ? kept.theme : system;
  page.lang = kept.language === "en" ? "en" : "vi";
})();
