import { i18n } from "@/shared/i18n";
import type { ProductDraft } from "./draft";
import { type Counted, parseStock } from "./stock";
import {
  refusedRows,
  saysSomething,
  type VariantPart,
  type VariantProblem,
  variantTroubles,
} from "./variants";

/** What is wrong with the forms of a product, in words: what the server refused and, once saving was tried, what we see. */
export function troublesInWords(
  draft: ProductDraft,
  tried: boolean,
  errors: Readonly<Record<string, string>>,
): ReadonlyMap<number, Partial<Record<VariantPart, string>>> {
  const words = refusedRows(draft.variants, errors);
  if (!tried) return words;
  for (const [id, trouble] of variantTroubles(draft.variants, draft.currency, draft.sku)) {
    const own = Object.entries(trouble).map(([part, problem]) => [part, word(problem)]);
    words.set(id, { ...words.get(id), ...Object.fromEntries(own) });
  }
  return words;
}

function word(problem: VariantProblem): string {
  return i18n.t(`products:variants.problems.${problem}`);
}

/** What the form says is left. */
export function countsOf({ stock, variants }: ProductDraft): Counted {
  const count = (typed: string) => parseStock(typed) ?? null;
  return {
    stock: count(stock),
    variants: variants.rows.filter(saysSomething).map((row) => ({ stock: count(row.stock) })),
  };
}
