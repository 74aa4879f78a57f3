import { expect, it } from "vitest";
import { isSoldOut, leftOf, parseStock } from "./stock";
import {
  emptyAttribute,
  emptyVariant,
  MOST_VARIANTS,
  refusedRows,
  tableLike,
  tableOf,
  type VariantTable,
  variantTroubles,
  wishesOf,
  withAll,
  withCell,
} from "./variants";

const shirts = [
  { name: "Đỏ / M", sku: "D-M", price: "150000", stock: 3, attributes: { Màu: "Đỏ", Size: "M" } },
  { name: "Đặc biệt", sku: null, price: null, stock: null, attributes: { Màu: "Xanh" } },
];
const table = () => tableOf(shirts, (price) => price);

it("shows forms as a table and reads them back", () => {
  expect(wishesOf(table(), "VND")).toEqual(shirts.map((one) => ({ ...one, sku: one.sku ?? "" })));
  expect(table().attributes.map(({ name, values }) => [name, values])).toEqual([
    ["Màu", "Đỏ, Xanh"],
    ["Size", "M"],
  ]);
});

it("lets a name follow the values until somebody gives one", () => {
  const known = table();
  const [colour] = known.attributes;
  const [first, second] = known.rows;
  if (colour === undefined || first === undefined || second === undefined) throw new Error("no rows");
  expect(withCell(known, first, colour.id, "Hồng").name).toBe("Hồng / M");
  expect(withCell(known, second, colour.id, "Hồng").name).toBe("Đặc biệt");
});

it("adds the combinations that are missing, and no more than a product may have", () => {
  const known = table();
  const more = { ...known, attributes: known.attributes.map((one) => ({ ...one, values: "Đỏ, M, M" })) };
  expect(withAll(more).rows.map(({ name }) => name)).toEqual([
    "Đỏ / M",
    "Đặc biệt",
    "Đỏ / Đỏ",
    "M / Đỏ",
    "M / M",
  ]);
  expect(withAll(withAll(more)).rows).toHaveLength(5);
  const many = Array.from({ length: 60 }, (_, at) => at).join(",");
  const wide: VariantTable = {
    attributes: [emptyAttribute("a"), emptyAttribute("b")].map((one) => ({ ...one, values: many })),
    rows: [emptyVariant()],
  };
  expect(withAll(wide).rows).toHaveLength(MOST_VARIANTS);
});

it("names what is wrong with each form", () => {
  const row = (more: object) => ({ ...emptyVariant(), ...more });
  const rows = [
    row({ name: "Đỏ", sku: "SP" }),
    row({ name: "ĐỎ", price: "rẻ", stock: "1,5" }),
    row({ price: "1" }),
    row({}),
  ];
  const troubles = variantTroubles({ attributes: [], rows }, "VND", "SP");
  expect(rows.map(({ id }) => troubles.get(id))).toEqual([
    { sku: "skuTwice" },
    { name: "nameTwice", price: "priceUnread", stock: "stockUnread" },
    { name: "nameRequired" },
    undefined,
  ]);
});

it("puts what the server refused beside the row that it means", () => {
  const rows = [emptyVariant(), { ...emptyVariant(), name: "a" }, { ...emptyVariant(), name: "b" }];
  const words = refusedRows({ attributes: [], rows }, { "variants[1].price_minor": "zu", name: "x" });
  expect([...words]).toEqual([[rows[2]?.id, { price: "zu" }]]);
});

it("takes a table up that was kept as text", () => {
  const kept: unknown = JSON.parse(JSON.stringify(table()));
  const again = tableLike(kept);
  expect(again === null ? null : wishesOf(again, "VND")).toEqual(wishesOf(table(), "VND"));
  expect(tableLike({ attributes: [], rows: [{ name: 1 }] })).toBeNull();
});

it("reads counts, and knows when nothing is left", () => {
  expect([" 12 ", "1.200", "", "-1", "1,5", "9999999999999"].map(parseStock)).toEqual([
    12,
    1200,
    null,
    undefined,
    undefined,
    undefined,
  ]);
  const of = (stock: number | null, ...counts: (number | null)[]) => ({
    stock,
    variants: counts.map((count) => ({ stock: count })),
  });
  expect(isSoldOut(of(0))).toBe(true);
  expect(isSoldOut(of(null))).toBe(false);
  expect(isSoldOut(of(5, 0, 0))).toBe(true);
  expect(isSoldOut(of(null, 0, null))).toBe(false);
  expect(isSoldOut(of(0, 0, null))).toBe(true);
  expect(leftOf(of(9, 2, 3))).toBe(5);
});
