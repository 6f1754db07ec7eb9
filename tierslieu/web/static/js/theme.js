// Applied before the first paint (blocking="render"). Without it the system's choice stands.
try {
  const saved = localStorage.getItem('theme');
  if (saved === 'light' || saved === 'dark') document.documentElement.dataset.theme = saved;
} catch { /* storage refused: the system's choice stands */ }
