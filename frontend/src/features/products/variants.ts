import { isRecord } from "@/api/error";
import type { Variant, VariantWish } from "@/api/gen/model";
import { parsePrice } from "./price";
import { parseStock } from "./stock";

/** What the forms of a product differ in: "Màu". `values` is only for making many forms at once. */
export interface Attribute {
  id: number;
  name: string;
  values: string;
}

/** A form of a product as it stands in the table. `cells` has its values by the attribute's id. */
export interface VariantRow {
  id: number;
  name: string;
  cells: Readonly<Record<number, string>>;
  price: string;
  stock: string;
  sku: string;
}

export interface VariantTable {
  attributes: Attribute[];
  rows: VariantRow[];
}

export type VariantProblem =
  | "nameRequired"
  | "nameTwice"
  | "nameLong"
  | "priceUnread"
  | "stockUnread"
  | "skuTwice"
  | "skuLong";
export type VariantPart = "name" | "price" | "stock" | "sku";
/** What is wrong with a row, and in which of its fields. */
export type RowTrouble = Partial<Record<VariantPart, VariantProblem>>;

export const MOST_VARIANTS = 100;
export const MOST_ATTRIBUTES = 10;
const LONGEST_NAME = 200;
const LONGEST_SKU = 64;

let last = 0;
function nextId(): number {
  last += 1;
  return last;
}

export function emptyAttribute(name = ""): Attribute {
  return { id: nextId(), name, values: "" };
}

export function emptyVariant(): VariantRow {
  return { id: nextId(), name: "", cells: {}, price: "", stock: "", sku: "" };
}

/** The forms of a product as a table; `shown` writes a price as the field shows it. */
export function tableOf(variants: readonly Variant[], shown: (price: string) => string): VariantTable {
  const names = [...new Set(variants.flatMap((variant) => Object.keys(variant.attributes)))];
  const attributes = names.map((name) => {
    const values = new Set(
      variants.flatMap((one) =>
        Object.entries(one.attributes).flatMap(([key, v]) => (key === name ? [v] : [])),
      ),
    );
    return { ...emptyAttribute(name), values: [...values].join(", ") };
  });
  const rows = variants.map((variant) => ({
    ...emptyVariant(),
    name: variant.name,
    cells: Object.fromEntries(
      attributes.flatMap(({ id, name }) => {
        const value = new Map(Object.entries(variant.attributes)).get(name);
        return value === undefined ? [] : [[id, value]];
      }),
    ),
    price: variant.price == null ? "" : shown(variant.price),
    stock: variant.stock == null ? "" : String(variant.stock),
    sku: variant.sku ?? "",
  }));
  return { attributes, rows };
}

/** The name that a form has from its values: "Đỏ / M". */
export function nameFrom({ attributes }: VariantTable, cells: VariantRow["cells"]): string {
  return attributes
    .map(({ id }) => (cells[id] ?? "").trim())
    .filter((value) => value !== "")
    .join(" / ");
}

/** The row with another value. Its name follows as long as nobody gave it one of its own. */
export function withCell(table: VariantTable, row: VariantRow, attribute: number, value: string): VariantRow {
  const cells = { ...row.cells, [attribute]: value };
  const follows = row.name.trim() === "" || row.name.trim() === nameFrom(table, row.cells);
  return { ...row, cells, ...(follows ? { name: nameFrom(table, cells) } : {}) };
}

/** The table with every combination of the attributes' values that it did not have; as many as a product may have. */
export function withAll(table: VariantTable): VariantTable {
  const used = table.attributes.filter(({ name, values }) => name.trim() !== "" && listed(values).length > 0);
  if (used.length === 0) return table;
  const combinations = used.reduce<Record<number, string>[]>(
    (before, { id, values }) => {
      const more = before.flatMap((cells) => listed(values).map((value) => ({ ...cells, [id]: value })));
      return more.slice(0, MOST_VARIANTS);
    },
    [{}],
  );
  const kept = table.rows.filter(saysSomething);
  const known = new Set(kept.map((row) => keyOf(used, row.cells)));
  const fresh = combinations
    .filter((cells) => !known.has(keyOf(used, cells)))
    .map((cells) => ({ ...emptyVariant(), cells, name: nameFrom(table, cells) }));
  return { ...table, rows: [...kept, ...fresh].slice(0, Math.max(MOST_VARIANTS, kept.length)) };
}

function keyOf(attributes: readonly Attribute[], cells: VariantRow["cells"]): string {
  return JSON.stringify(attributes.map(({ id }) => (cells[id] ?? "").trim().toLowerCase()));
}

function listed(values: string): string[] {
  const parts = values.split(/[,;\n]/u).map((value) => value.trim());
  return [...new Set(parts.filter((value) => value !== ""))];
}

/** Rows in which nothing stands are no forms. */
export function saysSomething({ name, cells, price, stock, sku }: VariantRow): boolean {
  return [name, price, stock, sku, ...Object.values(cells)].some((text) => text.trim() !== "");
}

/** What is wrong, by the row's id. */
export function variantTroubles(
  { rows }: VariantTable,
  currency: string,
  productSku: string,
): Map<number, RowTrouble> {
  const troubles = new Map<number, RowTrouble>();
  const names = new Set<string>();
  const skus = new Set([productSku.trim()]);
  for (const row of rows.filter(saysSomething)) {
    const trouble: RowTrouble = {};
    const name = row.name.trim();
    const sku = row.sku.trim();
    if (name === "") trouble.name = "nameRequired";
    else if (Array.from(name).length > LONGEST_NAME) trouble.name = "nameLong";
    else if (names.has(name.toLowerCase())) trouble.name = "nameTwice";
    if (row.price.trim() !== "" && parsePrice(row.price, currency) === null) trouble.price = "priceUnread";
    if (parseStock(row.stock) === undefined) trouble.stock = "stockUnread";
    if (Array.from(sku).length > LONGEST_SKU) trouble.sku = "skuLong";
    else if (sku !== "" && skus.has(sku)) trouble.sku = "skuTwice";
    names.add(name.toLowerCase());
    skus.add(sku);
    if (Object.keys(trouble).length > 0) troubles.set(row.id, trouble);
  }
  return troubles;
}

/** The forms of a table without troubles, as the server takes them. */
export function wishesOf(table: VariantTable, currency: string): VariantWish[] {
  return table.rows.filter(saysSomething).map((row) => {
    const values = table.attributes.flatMap(({ id, name }) => {
      const value = (row.cells[id] ?? "").trim();
      return name.trim() === "" || value === "" ? [] : [[name.trim(), value]];
    });
    return {
      name: row.name.trim(),
      sku: row.sku.trim(),
      price: row.price.trim() === "" ? null : parsePrice(row.price, currency),
      stock: parseStock(row.stock) ?? null,
      attributes: Object.fromEntries(values),
    };
  });
}

/** What the server refused of the forms, by the row's id: it counts those that were sent. */
export function refusedRows(
  { rows }: VariantTable,
  errors: Readonly<Record<string, string>>,
): Map<number, Partial<Record<VariantPart, string>>> {
  const sent = rows.filter(saysSomething);
  const found = new Map<number, Partial<Record<VariantPart, string>>>();
  for (const [field, text] of Object.entries(errors)) {
    const [, at = "", part = ""] = /^variants\[(\d+)\](?:\.(\w+))?/.exec(field) ?? [];
    const row = at === "" ? undefined : sent[Number(at)];
    if (row !== undefined) found.set(row.id, { ...found.get(row.id), [partOf(part)]: text });
  }
  return found;
}

function partOf(name: string): VariantPart {
  if (name === "sku" || name === "stock") return name;
  return name.startsWith("price") ? "price" : "name";
}

/** A table as it was kept, with new ids; null when it is none. */
export function tableLike(kept: unknown): VariantTable | null {
  if (!isRecord(kept) || !Array.isArray(kept.attributes) || !Array.isArray(kept.rows)) return null;
  const ids = new Map<string, number>();
  const attributes = kept.attributes.flatMap((one: unknown): Attribute[] => {
    if (!isRecord(one) || typeof one.name !== "string" || typeof one.values !== "string") return [];
    const made = { ...emptyAttribute(one.name), values: one.values };
    ids.set(String(one.id), made.id);
    return [made];
  });
  const rows = kept.rows.flatMap((one: unknown): VariantRow[] => {
    if (!isRecord(one) || !isRecord(one.cells)) return [];
    const { name, price, stock, sku } = one;
    if (typeof name !== "string" || typeof price !== "string") return [];
    if (typeof stock !== "string" || typeof sku !== "string") return [];
    const cells = Object.entries(one.cells).flatMap(([id, value]) => {
      const known = ids.get(id);
      return known === undefined || typeof value !== "string" ? [] : [[known, value]];
    });
    return [{ ...emptyVariant(), name, price, stock, sku, cells: Object.fromEntries(cells) }];
  });
  return rows.length === kept.rows.length && attributes.length === kept.attributes.length
    ? { attributes, rows }
    : null;
}
