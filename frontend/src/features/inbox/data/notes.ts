import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Conversation, Note } from "@/api/gen/model";
import { listNotes } from "@/api/gen/notes/notes";
import { keys } from "./keys";

/** The most that one request brings, and as many requests as are made. */
const PAGE = 200;
const MOST_PAGES = 5;

/** Notes about a conversation, the oldest first. */
export function notesOptions(conversationId: string) {
  return queryOptions({
    queryKey: keys.notes(conversationId),
    queryFn: ({ signal }) => fetchNotes(conversationId, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

async function fetchNotes(conversationId: string, signal: AbortSignal): Promise<Note[]> {
  const notes: Note[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const params = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const { items, next_cursor } = await listNotes(conversationId, params, { signal });
    notes.push(...items);
    if (!next_cursor) break;
    cursor = next_cursor;
  }
  return notes.reverse();
}

/** How many notes there were when they were last read again: of very many, fewer are loaded than there are. */
const reloadedAt = new Map<string, number>();

/** A note came or went somewhere: events tell only how many there are. */
export function reloadStaleNotes(client: QueryClient, { id, note_count: count }: Conversation): void {
  const known = client.getQueryData<Note[]>(keys.notes(id));
  if (known === undefined || known.length === count || reloadedAt.get(id) === count) return;
  if (known.length >= PAGE * MOST_PAGES) reloadedAt.set(id, count);
  void client.invalidateQueries({ queryKey: keys.notes(id) });
}

/** The notes with one more, once. */
export function putNote(notes: readonly Note[], note: Note): Note[] {
  const others = notes.filter(({ id }) => id !== note.id);
  return [...others, note].sort((one, other) => Date.parse(one.created_at) - Date.parse(other.created_at));
}
