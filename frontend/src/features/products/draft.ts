import { isRecord } from "@/api/error";
import type { NewProduct, Product, ProductChange, ProductStatus } from "@/api/gen/model";
import { likeIn } from "@/shared/form";
import { number } from "@/shared/money";
import { safeUrl } from "@/shared/text";
import { type ExtraRow, emptyRow, infoOf, problemsOf, rowsLike, rowsOf } from "./extra";
import { parsePrice } from "./price";

/** A product as it stands in the form: the price as typed, the extra information as rows. */
export interface ProductDraft {
  name: string;
  description: string;
  price: string;
  currency: string;
  status: ProductStatus;
  image_url: string;
  rows: ExtraRow[];
}

export type DraftProblem = "name" | "nameLong" | "price" | "priceUnread" | "image";
/** The fields of the form under the names by which the server refuses them. */
export type DraftField =
  | "name"
  | "description"
  | "price"
  | "currency"
  | "status"
  | "image_url"
  | "extra_info";

export const CURRENCIES = ["VND", "USD", "EUR", "GBP", "JPY", "KRW", "CNY", "THB", "SGD", "AUD"];
const LONGEST_NAME = 300;

export function emptyDraft(): ProductDraft {
  return {
    name: "",
    description: "",
    price: "",
    currency: "VND",
    status: "available",
    image_url: "",
    rows: [emptyRow()],
  };
}

export function draftOf(product: Product): ProductDraft {
  const { name, description, currency, status } = product;
  const rows = rowsOf(product.extra_info);
  return {
    name,
    description,
    price: typedPrice(product),
    currency,
    status,
    image_url: product.image_url ?? "",
    rows: rows.length === 0 ? [emptyRow()] : rows,
  };
}

/** A price as the field shows it, with the separators of the language: "129.000". */
function typedPrice({ price, currency }: Product): string {
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
  const image = draft.image_url.trim();
  const price = draft.price.trim();
  const problems: Partial<Record<DraftField, DraftProblem>> = {};
  if (name === "") problems.name = "name";
  else if (Array.from(name).length > LONGEST_NAME) problems.name = "nameLong";
  if (price === "") problems.price = "price";
  else if (parsePrice(price, draft.currency) === null) problems.price = "priceUnread";
  // Browsers mend a link with blanks in it; the server takes it as it stands.
  if (image !== "" && (/\s/.test(image) || !/^https:/i.test(image) || safeUrl(image) === null))
    problems.image_url = "image";
  return problems;
}

/** Whether it may be sent: neither a field nor a row of the table is wrong. */
export function isSound(draft: ProductDraft): boolean {
  return Object.keys(draftProblems(draft)).length === 0 && problemsOf(draft.rows).size === 0;
}

/** A sound draft as a product to add. */
export function newProductOf(draft: ProductDraft): NewProduct {
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    price: parsePrice(draft.price, draft.currency) ?? "",
    currency: draft.currency,
    status: draft.status,
    image_url: draft.image_url.trim(),
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
  if (now.image_url !== old.image_url) change.image_url = now.image_url ?? "";
  if (JSON.stringify(now.extra_info) !== JSON.stringify(old.extra_info))
    change.extra_info = infoOf(draft.rows);
  return change;
}

/** Whether leaving would lose something. Compared as typed: what cannot be sent yet is lost just the same. */
export function isDirty(before: ProductDraft, draft: ProductDraft): boolean {
  return typed(before) !== typed(draft);
}

function typed(draft: ProductDraft): string {
  const rows = draft.rows.flatMap(({ name, kind, text }) =>
    name === "" && text === "" ? [] : [[name, kind, text]],
  );
  return JSON.stringify([{ ...draft, rows: [] }, rows]);
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
  const { status, rows, ...texts } = kept;
  const { name, description, price, currency, image_url } = { ...before, ...likeIn(before, texts) };
  return {
    name,
    description,
    price,
    currency,
    image_url,
    status: status === "available" || status === "out_of_stock" ? status : before.status,
    rows: rowsLike(rows) ?? before.rows,
  };
}
