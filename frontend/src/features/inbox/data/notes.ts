import { queryOptions } from "@tanstack/react-query";
import type { Note } from "@/api/gen/model";
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

/** The notes with one more, once. */
export function putNote(notes: readonly Note[], note: Note): Note[] {
  const others = notes.filter(({ id }) => id !== note.id);
  return [...others, note].sort((one, other) => Date.parse(one.created_at) - Date.parse(other.created_at));
}
