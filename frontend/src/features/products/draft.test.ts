import { expect, it } from "vitest";
import type { Product } from "@/api/gen/model";
import { changeOf, draftOf, draftProblems, emptyDraft, isDirty, isSound, newProductOf } from "./draft";
import { emptyRow } from "./extra";

const shirt: Product = {
  id: "p1",
  name: "Áo thun",
  description: "Cotton",
  price: "129000",
  currency: "VND",
  status: "available",
  extra_info: { size: ["S", 38], kho: { hn: 3 } },
  image_url: null,
  embedding_status: "ready",
  created_at: "2026-11-22T00:00:00Z",
  updated_at: "2026-11-22T00:00:00Z",
};

it("shows a price with separators and reads it back", () => {
  expect(draftOf(shirt).price).toBe("129.000");
  expect(changeOf(draftOf(shirt), draftOf(shirt))).toEqual({});
  const dollars = draftOf({ ...shirt, price: "1250.50", currency: "USD" });
  expect(newProductOf(dollars)).toMatchObject({ price: "1250.5", currency: "USD" });
  expect(changeOf(dollars, dollars)).toEqual({});
});

it("sends only what changed", () => {
  const before = draftOf(shirt);
  const after = {
    ...before,
    price: "150k",
    rows: [...before.rows, { ...emptyRow(), name: "màu", text: "đỏ" }],
  };
  expect(changeOf(before, after)).toEqual({
    price: "150000",
    currency: "VND",
    extra_info: { size: ["S", 38], kho: { hn: 3 }, màu: "đỏ" },
  });
  expect(changeOf({ ...before, image_url: "https://a.vn/x" }, before)).toEqual({ image_url: "" });
});

it("names what is missing or wrong", () => {
  expect(draftProblems(emptyDraft())).toEqual({ name: "name", price: "price" });
  const wrong = { ...emptyDraft(), name: "x".repeat(301), price: "abc", image_url: "javascript:alert(1)" };
  expect(draftProblems(wrong)).toEqual({ name: "nameLong", price: "priceUnread", image_url: "image" });
  expect(isSound({ ...draftOf(shirt), rows: [{ ...emptyRow(), name: "", text: "x" }] })).toBe(false);
  expect(isSound(draftOf(shirt))).toBe(true);
});

it("asks for what was typed, not for empty rows", () => {
  const before = emptyDraft();
  expect(isDirty(before, { ...before, rows: [...before.rows, emptyRow()] })).toBe(false);
  expect(isDirty(before, { ...before, price: "abc" })).toBe(true);
});
