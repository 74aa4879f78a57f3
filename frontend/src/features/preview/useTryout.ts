import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { previewAnswer } from "@/api/gen/assistant/assistant";
import { historyOf, type Try } from "./tries";

/** A language model may take its time. */
const PATIENCE_MS = 90_000;

/** The questions so far, and the ways to go on. */
export function useTryout() {
  const [tries, setTries] = useState<readonly Try[]>([]);
  const last = useRef(0);
  const change = (id: number, what: Partial<Try>) =>
    setTries((all) => all.map((one) => (one.id === id ? { ...one, ...what } : one)));

  const { mutate, isPending } = useMutation({
    mutationFn: ({ text, before }: { id: number; text: string; before: readonly Try[] }) =>
      previewAnswer({ text, history: historyOf(before) }, { timeout: PATIENCE_MS }),
    onSuccess: (answer, { id }) => change(id, { answer }),
    onError: (error, { id }) => change(id, { error }),
  });

  const ask = (text: string) => {
    if (isPending) return;
    last.current += 1;
    const id = last.current;
    setTries([...tries, { id, text, answer: null, error: null }]);
    mutate({ id, text, before: tries });
  };
  const askAgain = (id: number) => {
    const at = tries.findIndex((one) => one.id === id);
    const one = tries[at];
    if (one === undefined || isPending) return;
    change(id, { answer: null, error: null });
    mutate({ id, text: one.text, before: tries.slice(0, at) });
  };
  return { tries, isAsking: isPending, ask, askAgain, startOver: () => setTries([]) };
}
