// A classic script in <head>: the theme is there before the first paint. Without a choice the system's holds.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');

  function chosen() {
    try {
      return localStorage.getItem('theme');
    } catch {
      return null; // storage is blocked
    }
  }

  function apply() {
    document.documentElement.dataset.theme = chosen() ?? (dark.matches ? 'dark' : 'light');
  }

  dark.addEventListener('change', apply);
  apply();
})();
