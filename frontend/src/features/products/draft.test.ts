import { expect, it } from "vitest";
import type { Product } from "@/api/gen/model";
import {
  changedFields,
  changeOf,
  draftOf,
  draftProblems,
  emptyDraft,
  isDirty,
  isSound,
  newProductOf,
  takenUp,
} from "./draft";
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
  image_urls: [],
  variants: [],
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
  expect(changeOf({ ...before, images: ["https://a.vn/x"] }, before)).toEqual({ image_urls: [] });
  expect(changeOf(before, { ...before, sku: " AT01 ", category: "Áo", stock: "1.200" })).toEqual({
    sku: "AT01",
    category: "Áo",
    stock: 1200,
  });
  expect(changeOf({ ...before, stock: "3" }, before)).toEqual({ stock: null });
});

it("names what is missing or wrong", () => {
  expect(draftProblems(emptyDraft())).toEqual({ name: "name", price: "price" });
  const wrong = {
    ...emptyDraft(),
    name: "x".repeat(301),
    price: "abc",
    images: ["", "javascript:alert(1)"],
    stock: "x",
  };
  expect(draftProblems(wrong)).toEqual({
    name: "nameLong",
    price: "priceUnread",
    "image_urls[1]": "image",
    stock: "stockUnread",
  });
  expect(isSound({ ...draftOf(shirt), rows: [{ ...emptyRow(), name: "", text: "x" }] })).toBe(false);
  expect(isSound(draftOf(shirt))).toBe(true);
});

it("asks for what was typed, not for empty rows", () => {
  const before = emptyDraft();
  expect(isDirty(before, { ...before, rows: [...before.rows, emptyRow()] })).toBe(false);
  expect(isDirty(before, { ...before, price: "abc" })).toBe(true);
});

it("sends the forms with their prices again in another currency", () => {
  const before = draftOf({
    ...shirt,
    variants: [
      { name: "Đỏ / M", sku: null, price: "150000", stock: 3, attributes: { Màu: "Đỏ", Size: "M" } },
    ],
  });
  expect(changeOf(before, before)).toEqual({});
  expect(changeOf(before, { ...before, price: "6", currency: "USD" })).toMatchObject({
    variants: [{ name: "Đỏ / M", stock: 3, attributes: { Màu: "Đỏ", Size: "M" } }],
  });
});

it("takes up what was typed into every part of the form", () => {
  const before = emptyDraft();
  const left = {
    ...draftOf({ ...shirt, variants: [{ name: "Đỏ", stock: 3, attributes: { Màu: "Đỏ" } }] }),
    images: ["https://a.vn/1", "https://a.vn/2"],
    sku: "AT01",
    stock: "5",
  };
  const again = takenUp(before, JSON.parse(JSON.stringify(changedFields(before, left))));
  expect(newProductOf(again)).toEqual(newProductOf(left));
  expect(takenUp(before, { variants: { rows: [1] }, images: "x" })).toEqual(before);
});
