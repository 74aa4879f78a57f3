import type { Conversation } from "@/api/gen/model";

export interface Held {
  /** The conversation under the pointer: it keeps its place while it is there. */
  pointed: string | null;
  /** The open conversation: it stays in the list though the filter lets go of it, for instance because it was read. */
  open: Conversation | null;
}

/** The list as it is drawn. `before`: what was drawn last, by id. */
export function steadyOrder(
  items: readonly Conversation[],
  before: readonly string[],
  held: Held,
): Conversation[] {
  let order = [...items];
  const { open, pointed } = held;
  if (open !== null && !order.some(({ id }) => id === open.id)) {
    const at = before.indexOf(open.id);
    if (at >= 0) order = order.toSpliced(Math.min(at, order.length), 0, open);
  }
  if (pointed === null) return order;
  const was = before.indexOf(pointed);
  const is = order.findIndex(({ id }) => id === pointed);
  const item = order[is];
  if (was < 0 || item === undefined || was === is) return order;
  return order.toSpliced(is, 1).toSpliced(was, 0, item);
}

/** The id so many places away; the first or last one when there is none open, and no further than the ends. */
export function stepFrom(ids: readonly string[], from: string | null, by: 1 | -1): string | null {
  const at = from === null ? -1 : ids.indexOf(from);
  if (at < 0) return (by === 1 ? ids[0] : ids.at(-1)) ?? null;
  return ids[Math.max(0, Math.min(ids.length - 1, at + by))] ?? null;
}
