// What runs in the page to measure it. Each function is sent there as it is, so none may use anything outside itself.

/** One time that the layout moved: how much, and what moved from where to where. */
export interface Shift {
  value: number;
  sources: string[];
}

/** Notes when each pane was first painted, when each live message came in, and how the layout moved. */
export function watchPage(): void {
  const shifts: { value: number; sources: string[] }[] = [];
  const notes = { panes: 0, frames: new Map<string, number>(), shifts };
  Object.assign(window, { notes });
  const list = ".in-row[data-conversation]";
  const thread = "[data-message]";
  const look = () => {
    if (document.querySelector(list) !== null && document.querySelector(thread) !== null) {
      // The frame that shows them ends after this one's callbacks.
      requestAnimationFrame(() => setTimeout(() => (notes.panes = performance.now())));
      return;
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);

  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("message", ({ data }) => {
        const at = performance.now();
        const text = /"content":"(live \d+)"/.exec(String(data))?.[1];
        if (text !== undefined && !notes.frames.has(text)) notes.frames.set(text, at);
      });
    }
  };

  const place = ({ x, y, width, height }: DOMRectReadOnly) => `${x},${y} ${width}×${height}`;
  const told = (source: unknown): string => {
    const { node, previousRect, currentRect } = Object(source);
    const name = node instanceof Element ? `${node.tagName.toLowerCase()}.${node.className}` : "a text";
    const parent = node?.parentElement instanceof Element ? ` in ${node.parentElement.className}` : "";
    return `${name}${parent}: ${place(previousRect)} → ${place(currentRect)}`;
  };
  new PerformanceObserver((entries) => {
    for (const entry of entries.getEntries()) {
      const { value, hadRecentInput, sources } = Object(entry);
      if (!hadRecentInput) notes.shifts.push({ value: Number(value), sources: Array.from(sources, told) });
    }
  }).observe({ type: "layout-shift", buffered: true });
}

/** Waits until a live message is on screen; milliseconds from its frame to the paint. */
export async function paintedAfter(text: string): Promise<number> {
  const { notes }: { notes: { frames: Map<string, number> } } = Object.assign(
    { notes: { frames: new Map() } },
    window,
  );
  const isThere = () =>
    Array.from(document.querySelectorAll("[data-message]")).some((one) => one.textContent?.includes(text));
  while (!isThere()) await new Promise((done) => requestAnimationFrame(done));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - (notes.frames.get(text) ?? Number.NaN);
}

/** Samples every frame for a while: how long it took, and whether a place of the pane showed nothing. */
export async function sampleFrames([selector, row, millis]: [string, string, number]) {
  const box = document.querySelector(selector);
  const frames: number[] = [];
  let [blank, skeletons, before] = [0, 0, performance.now()];
  const end = before + millis;
  while (before < end && box !== null) {
    const now = await new Promise<number>((done) => requestAnimationFrame(() => done(performance.now())));
    frames.push(now - before);
    before = now;
    const { left, top, width, height } = box.getBoundingClientRect();
    const points = [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => top + height * part);
    const places = points.map((y) => document.elementFromPoint(left + width / 2, y));
    if (places.some((place) => place === box || place?.closest(row) === null)) blank += 1;
    if (places.some((place) => place?.closest(".cd-skeleton, .in-row[aria-hidden]") !== null)) skeletons += 1;
  }
  return { frames, blank, skeletons, position: box?.scrollTop ?? 0 };
}
