/** Before an entry of a list goes, and the focus in it with it: its neighbour gets it, or else `home`, where one goes on from. */
export function focusNear(entry: Element | null, home = "#content"): void {
  if (entry === null || !entry.contains(document.activeElement)) return;
  const near = entry.nextElementSibling ?? entry.previousElementSibling;
  const stop = near?.querySelector<HTMLElement>("a[href], button, input, textarea, select");
  (stop ?? document.querySelector<HTMLElement>(home))?.focus();
}
