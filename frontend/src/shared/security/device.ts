/** Each finds its version too, where it says one. */
const BROWSERS: readonly (readonly [string, RegExp])[] = [
  ["Edge", /Edg(?:e|A|iOS)?\/(\d+)?/],
  ["Opera", /(?:OPR\/|Opera)(\d+)?/],
  ["Cốc Cốc", /coc_coc_browser\/?(\d+)?/i],
  ["Samsung Internet", /SamsungBrowser\/(\d+)?/],
  ["Firefox", /(?:Firefox|FxiOS)\/(\d+)?/],
  ["Chrome", /(?:Chrome|CriOS)\/(\d+)?/],
  ["Safari", /(?:Version\/(\d+).*)?Safari\//],
];
const SYSTEMS: readonly (readonly [string, RegExp])[] = [
  ["iPhone", /iPhone/],
  ["iPad", /iPad/],
  ["Android", /Android/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X|Macintosh/],
  ["Linux", /Linux|X11/],
];

/** Browser with its version, and system, in a User-Agent header, as far as they can be told. Chrome's comes after those that claim to be Chrome. */
export function readDevice(agent: string | null | undefined): {
  browser: string | null;
  system: string | null;
} {
  const find = (known: typeof BROWSERS) => known.find(([, pattern]) => pattern.test(agent ?? ""));
  const [browser = null, pattern] = find(BROWSERS) ?? [];
  const version = pattern?.exec(agent ?? "")?.[1];
  return {
    browser: browser !== null && version !== undefined ? `${browser} ${version}` : browser,
    system: find(SYSTEMS)?.[0] ?? null,
  };
}
