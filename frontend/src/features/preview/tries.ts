import type { EarlierTurn, Preview } from "@/api/gen/model";

/** One question of the try-out with what came of it. Neither answer nor error: it is being answered. */
export interface Try {
  id: number;
  text: string;
  answer: Preview | null;
  error: unknown;
}

/** The server looks at no more than the last ten messages. */
const MOST_TURNS = 10;

/** What was said before a question, as the assistant would see it in a conversation. Failed questions were never said. */
export function historyOf(tries: readonly Try[]): EarlierTurn[] {
  const turns = tries.flatMap(({ text, answer }) =>
    answer === null
      ? []
      : [
          { sender_type: "contact", content: text },
          ...(answer.answer === "" ? [] : [{ sender_type: "ai", content: answer.answer }]),
        ],
  );
  return turns.slice(-MOST_TURNS);
}
