import { expect, it } from "vitest";
import { changesOf } from "./form";

it("tells only what differs", () => {
  const saved = { name: "a", tags: ["vi"], on: true };
  expect(changesOf(saved, {})).toEqual({});
  expect(changesOf(saved, { name: "a", tags: ["vi"] })).toEqual({});
  expect(changesOf(saved, { name: "b", tags: ["vi", "en"], on: true })).toEqual({
    name: "b",
    tags: ["vi", "en"],
  });
});
