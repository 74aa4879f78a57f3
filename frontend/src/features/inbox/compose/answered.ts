import type { Message } from "@/api/gen/model";

/** The newest message that somebody else sent the customer after a moment: one who writes an answer should know of it. */
export function answeredSince(
  messages: readonly Message[],
  since: string | null,
  me: string,
): Message | null {
  if (since === null) return null;
  const from = Date.parse(since);
  return (
    messages.findLast(
      (message) =>
        message.sender_type !== "contact" &&
        message.author_id !== me &&
        Date.parse(message.created_at) > from,
    ) ?? null
  );
}
