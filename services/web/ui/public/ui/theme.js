// Before anything is painted: no flash of the other theme. A file of its own, as the policy forbids inline scripts.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("elasticdash.theme");
  } catch {
    // Storage may be closed; then the system decides.
  }
  var dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark", dark);
})();
