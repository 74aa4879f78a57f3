import type { InfiniteData } from "@tanstack/react-query";

/** How many conversations or messages one request brings. */
export const PAGE = 50;

/** A page of the list and the cursors that led to it, so that a page that was let go can be fetched again. */
export interface ListParam {
  cursor: string | null;
  trail: readonly (string | null)[];
}

export const FIRST_PAGE: ListParam = { cursor: null, trail: [] };

interface Cut<T> {
  items: T[];
  next_cursor?: string | null;
}

export function nextParam<T>(page: Cut<T>, { cursor, trail }: ListParam): ListParam | undefined {
  return page.next_cursor ? { cursor: page.next_cursor, trail: [...trail, cursor] } : undefined;
}

export function previousParam({ trail }: ListParam): ListParam | undefined {
  return trail.length === 0 ? undefined : { cursor: trail.at(-1) ?? null, trail: trail.slice(0, -1) };
}

/** All items of all pages, in order. What moved while a page was under way may stand in two: the first place counts. */
export function allItems<T extends { id: string }>(data: InfiniteData<Cut<T>, unknown> | undefined): T[] {
  const seen = new Set<string>();
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return items.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** Replaces the item that fits; the same data when none does. */
export function replaceItem<T, P extends Cut<T>, A>(
  data: InfiniteData<P, A>,
  isIt: (item: T) => boolean,
  replace: (item: T) => T,
): InfiniteData<P, A> {
  const at = data.pages.findIndex((page) => page.items.some(isIt));
  const page = data.pages[at];
  if (page === undefined) return data;
  const items = page.items.map((item) => (isIt(item) ? replace(item) : item));
  return { ...data, pages: data.pages.with(at, { ...page, items }) };
}

/** Takes out the item that fits; the same data when none does. */
export function removeItem<T, P extends Cut<T>, A>(
  data: InfiniteData<P, A>,
  isIt: (item: T) => boolean,
): InfiniteData<P, A> {
  if (!data.pages.some((page) => page.items.some(isIt))) return data;
  const pages = data.pages.map((page) =>
    page.items.some(isIt) ? { ...page, items: page.items.filter((item) => !isIt(item)) } : page,
  );
  return { ...data, pages };
}

/** Puts an item before the first that it comes before. Null when its place lies before or behind what is loaded. */
export function insertItem<T, P extends Cut<T>, A>(
  data: InfiniteData<P, A>,
  item: T,
  comesBefore: (item: T, other: T) => boolean,
  startIsLoaded: boolean,
): InfiniteData<P, A> | null {
  for (const [index, page] of data.pages.entries()) {
    const at = page.items.findIndex((other) => comesBefore(item, other));
    if (at < 0) continue;
    if (index === 0 && at === 0 && !startIsLoaded) return null;
    return { ...data, pages: data.pages.with(index, { ...page, items: page.items.toSpliced(at, 0, item) }) };
  }
  const last = data.pages.at(-1);
  if (last === undefined || last.next_cursor) return null;
  return { ...data, pages: data.pages.with(-1, { ...last, items: [...last.items, item] }) };
}
