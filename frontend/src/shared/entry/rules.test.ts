import { expect, it } from "vitest";
import { asTitle, entryProblems, searchFor } from "./rules";

it("finds what the server would refuse, by kind", () => {
  expect(entryProblems({ kind: "faq", title: "Phí ship?", body: "30k" })).toEqual({});
  expect(entryProblems({ kind: "faq", title: "  ", body: "\n" })).toEqual({
    title: "missing",
    body: "missing",
  });
  expect(entryProblems({ kind: "policy", title: "đ".repeat(501), body: "x".repeat(8_001) })).toEqual({
    title: "tooLong",
    body: "tooLong",
  });
  expect(entryProblems({ kind: "policy", title: "😀".repeat(500), body: "x".repeat(8_000) })).toEqual({});
  expect(entryProblems({ kind: "synonym", title: " , ;", body: "x".repeat(501) })).toEqual({
    title: "noWord",
    body: "tooLong",
  });
  expect(entryProblems({ kind: "synonym", title: "ib, inb", body: "nhắn tin" })).toEqual({});
});

it("makes a title of a long question, on one line and cut between words", () => {
  expect(asTitle("Shop ơi\n\ncó ship  không?")).toBe("Shop ơi có ship không?");
  const title = asTitle("xin chào ".repeat(120));
  expect(Array.from(title).length).toBeLessThanOrEqual(500);
  expect(title).toMatch(/(?:xin|chào)…$/);
  expect(Array.from(asTitle("ă".repeat(900)))).toHaveLength(500);
  expect(asTitle("   ")).toBe("");
});

it("searches for an entry by its first words", () => {
  expect(searchFor("Phí ship bao nhiêu?")).toBe("Phí ship bao nhiêu?");
  expect(searchFor("một hai ba bốn năm sáu bảy tám chín mười")).toBe("một hai ba bốn năm sáu bảy tám");
  expect(searchFor("x".repeat(400))).toHaveLength(200);
});
