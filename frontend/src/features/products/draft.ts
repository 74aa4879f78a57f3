import { isRecord } from "@/api/error";
import type { NewProduct, Product, ProductChange, ProductStatus } from "@/api/gen/model";
import { likeIn } from "@/shared/form";
import { number } from "@/shared/money";
import { safeUrl } from "@/shared/text";
import { type ExtraRow, emptyRow, infoOf, problemsOf, rowsLike, rowsOf } from "./extra";
import { parsePrice } from "./price";
import { parseStock } from "./stock";
import { saysSomething, tableLike, tableOf, type VariantTable, variantTroubles, wishesOf } from "./variants";

/** A product as it stands in the form: the price as typed, the extra information as rows. */
export interface ProductDraft {
  name: string;
  description: string;
  price: string;
  currency: string;
  status: ProductStatus;
  sku: string;
  category: string;
  /** As typed; empty when nobody counts. */
  stock: string;
  /** At least one, which may be empty. */
  images: string[];
  variants: VariantTable;
  rows: ExtraRow[];
}

export type DraftProblem =
  | "name"
  | "nameLong"
  | "price"
  | "priceUnread"
  | "image"
  | "skuLong"
  | "categoryLong"
  | "stockUnread";
/** The fields of the form under the names by which the server refuses them. */
export type DraftField =
  | "name"
  | "description"
  | "price"
  | "currency"
  | "status"
  | "sku"
  | "category"
  | "stock"
  | `image_urls[${number}]`
  | "extra_info";

export const CURRENCIES = ["VND", "USD", "EUR", "GBP", "JPY", "KRW", "CNY", "THB", "SGD", "AUD"];
const LONGEST_NAME = 300;
const LONGEST_SKU = 64;
const LONGEST_CATEGORY = 100;
export const MOST_IMAGES = 10;

export function emptyDraft(): ProductDraft {
  return {
    name: "",
    description: "",
    price: "",
    currency: "VND",
    status: "available",
    sku: "",
    category: "",
    stock: "",
    images: [""],
    variants: { attributes: [], rows: [] },
    rows: [emptyRow()],
  };
}

export function draftOf(product: Product): ProductDraft {
  const { name, description, currency, status } = product;
  const rows = rowsOf(product.extra_info);
  return {
    name,
    description,
    price: typedPrice(product.price, currency),
    currency,
    status,
    sku: product.sku ?? "",
    category: product.category ?? "",
    stock: product.stock == null ? "" : String(product.stock),
    images: product.image_urls.length === 0 ? [""] : [...product.image_urls],
    variants: tableOf(product.variants, (price) => typedPrice(price, currency)),
    rows: rows.length === 0 ? [emptyRow()] : rows,
  };
}

/** A price as the field shows it, with the separators of the language: "129.000". */
function typedPrice(price: string, currency: string): string {
  const shown = number(Number(price), price.split(".")[1]?.length ?? 0);
  // Where the separators of this language would be read as something else, the plain digits stay.
  return sameAmount(parsePrice(shown, currency), price) ? shown : price;
}

function sameAmount(one: string | null, other: string): boolean {
  return one !== null && Number(one) === Number(other);
}

/** What is wrong before the server is asked. */
export function draftProblems(draft: ProductDraft): Partial<Record<DraftField, DraftProblem>> {
  const name = draft.name.trim();
  const price = draft.price.trim();
  const problems: Partial<Record<DraftField, DraftProblem>> = {};
  if (name === "") problems.name = "name";
  else if (Array.from(name).length > LONGEST_NAME) problems.name = "nameLong";
  if (price === "") problems.price = "price";
  else if (parsePrice(price, draft.currency) === null) problems.price = "priceUnread";
  if (Array.from(draft.sku.trim()).length > LONGEST_SKU) problems.sku = "skuLong";
  if (Array.from(draft.category.trim()).length > LONGEST_CATEGORY) problems.category = "categoryLong";
  if (parseStock(draft.stock) === undefined) problems.stock = "stockUnread";
  draft.images.forEach((image, at) => {
    if (!isPicture(image.trim())) problems[`image_urls[${at}]`] = "image";
  });
  return problems;
}

/** Browsers mend a link with blanks in it; the server takes it as it stands. */
function isPicture(link: string): boolean {
  return link === "" || (!/\s/.test(link) && /^https:/i.test(link) && safeUrl(link) !== null);
}

/** Whether it may be sent: neither a field nor a row of the tables is wrong. */
export function isSound(draft: ProductDraft): boolean {
  const troubles = variantTroubles(draft.variants, draft.currency, draft.sku);
  return (
    Object.keys(draftProblems(draft)).length === 0 && problemsOf(draft.rows).size === 0 && troubles.size === 0
  );
}

/** A sound draft as a product to add. */
export function newProductOf(draft: ProductDraft): NewProduct {
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    price: parsePrice(draft.price, draft.currency) ?? "",
    currency: draft.currency,
    status: draft.status,
    sku: draft.sku.trim(),
    category: draft.category.trim(),
    stock: parseStock(draft.stock) ?? null,
    image_urls: draft.images.map((link) => link.trim()).filter((link) => link !== ""),
    variants: wishesOf(draft.variants, draft.currency),
    extra_info: infoOf(draft.rows),
  };
}

/**
 * What a sound draft changes of the product it came from. Only that is sent: what a colleague changes meanwhile stays, and
 * numbers that JavaScript would round go back to nobody.
 */
export function changeOf(before: ProductDraft, draft: ProductDraft): ProductChange {
  const [old, now] = [newProductOf(before), newProductOf(draft)];
  const change: ProductChange = {};
  if (now.name !== old.name) change.name = now.name;
  if (now.description !== old.description) change.description = now.description ?? "";
  if (now.price !== old.price || now.currency !== old.currency) {
    change.price = now.price;
    change.currency = now.currency ?? "VND";
  }
  if (now.status !== old.status) change.status = draft.status;
  if (now.sku !== old.sku) change.sku = now.sku ?? "";
  if (now.category !== old.category) change.category = now.category ?? "";
  if (now.stock !== old.stock) change.stock = now.stock ?? null;
  if (!isSame(now.image_urls, old.image_urls)) change.image_urls = now.image_urls ?? [];
  // In another currency every price means something else.
  const hasOthers = now.currency !== old.currency && (now.variants ?? []).length > 0;
  if (hasOthers || !isSame(now.variants, old.variants)) change.variants = now.variants ?? [];
  if (!isSame(now.extra_info, old.extra_info)) change.extra_info = infoOf(draft.rows);
  return change;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether leaving would lose something. Compared as typed: what cannot be sent yet is lost just the same. */
export function isDirty(before: ProductDraft, draft: ProductDraft): boolean {
  return typed(before) !== typed(draft);
}

function typed(draft: ProductDraft): string {
  const rows = draft.rows.flatMap(({ name, kind, text }) =>
    name === "" && text === "" ? [] : [[name, kind, text]],
  );
  const { attributes } = draft.variants;
  const forms = draft.variants.rows
    .filter(saysSomething)
    .map(({ name, cells, price, stock, sku }) => [
      name,
      attributes.map(({ id }) => cells[id] ?? ""),
      price,
      stock,
      sku,
    ]);
  const images = draft.images.filter((link) => link !== "");
  const names = attributes.map(({ name }) => name);
  return JSON.stringify([{ ...draft, rows: [], variants: [], images }, rows, names, forms]);
}

/** Only what differs: a colleague's change of another field is not undone by taking it up. */
export function changedFields(before: ProductDraft, draft: ProductDraft): Partial<ProductDraft> {
  return Object.fromEntries(
    Object.entries(draft).filter(([name, value]) => {
      const old = Object.entries(before).find(([one]) => one === name)?.[1];
      return JSON.stringify(old) !== JSON.stringify(value);
    }),
  );
}

/** A form as it was left, from what was kept of it: another version of the app may have kept it. */
export function takenUp(before: ProductDraft, kept: unknown): ProductDraft {
  if (!isRecord(kept)) return before;
  const { status, rows, images, variants, ...texts } = kept;
  const { name, description, price, currency, sku, category, stock } = {
    ...before,
    ...likeIn(before, texts),
  };
  const links = Array.isArray(images) ? images.filter((link) => typeof link === "string") : [];
  return {
    name,
    description,
    price,
    currency,
    sku,
    category,
    stock,
    images: links.length === 0 ? before.images : links,
    variants: tableLike(variants) ?? before.variants,
    status: status === "available" || status === "out_of_stock" ? status : before.status,
    rows: rowsLike(rows) ?? before.rows,
  };
}
