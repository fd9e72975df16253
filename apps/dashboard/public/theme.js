// Before anything is drawn: the light or dark that was chosen here, so that no other flashes up first.
(() => {
  const chosen = localStorage.getItem('postgres-manager-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
})();
