import type { Product } from "@/api/gen/model";

const MOST = 999_999_999_999;

/** A count as typed: null when nothing is counted, undefined when it is no count. */
export function parseStock(typed: string): number | null | undefined {
  const text = typed.replace(/\s/gu, "");
  if (text === "") return null;
  if (!/^\d+$|^\d{1,3}([.,]\d{3})+$/.test(text)) return undefined;
  const count = Number(text.replace(/[.,]/g, ""));
  return count <= MOST ? count : undefined;
}

export type Counted = Pick<Product, "stock"> & { variants: readonly { stock?: number | null | undefined }[] };

/** How many are left in all that is counted; null when nothing is. Where variants are counted they decide. */
export function leftOf({ stock, variants }: Counted): number | null {
  const counts = variants.flatMap((variant) => (variant.stock == null ? [] : [variant.stock]));
  return counts.length === 0 ? (stock ?? null) : counts.reduce((sum, count) => sum + count, 0);
}

/** Whether the counts say that nothing is left, as the server has it: the product's own speaks for variants nobody counts. */
export function isSoldOut({ stock, variants }: Counted): boolean {
  const counted = variants.filter((variant) => variant.stock != null);
  if (counted.length === 0) return stock === 0;
  const noneLeft = counted.every((variant) => variant.stock === 0);
  return noneLeft && (counted.length === variants.length || stock === 0);
}

/** So few that somebody should order more. */
export const FEW = 5;
