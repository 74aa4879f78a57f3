import type { SavedReply } from "@/api/gen/model";
import { matches, unaccent } from "@/shared/text";

/** A `/word` that is being typed at the caret: it begins a line or follows a blank. */
export interface Slash {
  /** Where the slash stands. */
  from: number;
  query: string;
}

const SLASH = /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u;

export function slashAt(text: string, caret: number): Slash | null {
  const match = SLASH.exec(text.slice(0, caret));
  const query = match?.[1];
  return query === undefined ? null : { from: caret - query.length - 1, query };
}

const MOST = 8;

/** Saved replies for a query, accents aside: those whose shortcut begins with it come first. */
export function findReplies(replies: readonly SavedReply[], query: string): SavedReply[] {
  const wanted = unaccent(query);
  const begins = (reply: SavedReply) => unaccent(reply.shortcut).startsWith(wanted);
  const first = replies.filter(begins);
  const others = replies.filter(
    (reply) => !begins(reply) && matches(`${reply.shortcut} ${reply.text}`, query),
  );
  return [...first, ...others].slice(0, MOST);
}
