import { expect, it } from "vitest";
import type { Preview } from "@/api/gen/model";
import { historyOf, type Try } from "./tries";

function answered(answer: string): Preview {
  return {
    outcome: "answered",
    answer,
    products: [],
    entry_ids: [],
    verdict: "passed",
    model: "catalogue",
    prompt_version: "1",
    tokens: { prompt: 0, completion: 0 },
    latency_ms: 1,
  };
}

function asked(id: number, answer: Preview | null): Try {
  return { id, text: `q${id}`, answer, error: answer === null ? new Error("no") : null };
}

it("tells what was said, oldest first, without what failed", () => {
  expect(historyOf([asked(1, answered("a1")), asked(2, null), asked(3, answered(""))])).toEqual([
    { sender_type: "contact", content: "q1" },
    { sender_type: "ai", content: "a1" },
    { sender_type: "contact", content: "q3" },
  ]);
});

it("sends no more than is read", () => {
  const many = Array.from({ length: 9 }, (_, at) => asked(at, answered(`a${at}`)));
  const history = historyOf(many);
  expect(history).toHaveLength(10);
  expect(history.at(-1)?.content).toBe("a8");
});
