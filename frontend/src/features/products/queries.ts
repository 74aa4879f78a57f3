import {
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
} from "@tanstack/react-query";
import type { ListProduct, Product, ProductStatus } from "@/api/gen/model";
import { getProduct, listCategories, listPriceChanges, listProducts } from "@/api/gen/products/products";
import type { LivePart } from "@/realtime/apply";
import { putImport, reloadImports } from "./imports/queries";

export interface ProductFilter {
  q: string;
  status: ProductStatus | null;
  category: string | null;
  /** Only those of which at most so many are left. */
  lowStock: number | null;
}

export const NO_FILTER: ProductFilter = { q: "", status: null, category: null, lowStock: null };

type Pages = InfiniteData<ListProduct, string>;

const LISTS = ["products", "list"] as const;
const PAGE = 50;

export function productKey(id: string) {
  return ["products", "one", id] as const;
}

export function productList({ q, status, category, lowStock }: ProductFilter) {
  return infiniteQueryOptions({
    queryKey: [...LISTS, q, status, category, lowStock] as const,
    queryFn: ({ pageParam, signal }) =>
      listProducts(
        {
          limit: PAGE,
          ...(pageParam === "" ? {} : { cursor: pageParam }),
          ...(q === "" ? {} : { q }),
          ...(status === null ? {} : { status }),
          ...(category === null ? {} : { category }),
          ...(lowStock === null ? {} : { low_stock: lowStock }),
        },
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? null,
    // Typing into the search changes the list, it does not blink.
    placeholderData: keepPreviousData,
  });
}

/** Read anew whenever it is opened: whoever edits should see the newest. */
export function oneProduct(id: string) {
  return queryOptions({
    queryKey: productKey(id),
    queryFn: ({ signal }) => getProduct(id, { signal }),
    staleTime: 0,
    gcTime: 0,
  });
}

/** What products are sorted by, with how many there are of each. */
export const categoriesQuery = queryOptions({
  queryKey: ["products", "categories"] as const,
  queryFn: async ({ signal }) => (await listCategories({ signal })).items,
  staleTime: 60_000,
});

/** What a product's prices were, newest change first. */
export function priceChanges(id: string) {
  return infiniteQueryOptions({
    queryKey: ["products", "prices", id] as const,
    queryFn: ({ pageParam, signal }) =>
      listPriceChanges(id, { limit: 20, ...(pageParam === "" ? {} : { cursor: pageParam }) }, { signal }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? null,
    staleTime: 0,
  });
}

/** The pages with the newer of two states of a product; it keeps its place, also when a filter no longer fits. */
export function withProduct(pages: Pages, product: Product): Pages {
  return changed(pages, (items) =>
    items.map((item) => (item.id === product.id && isNewer(product, item) ? product : item)),
  );
}

/** What the assistant learns does not count as a change, so the same time may come with both: ready does not become pending. */
function isNewer(product: Product, item: Product): boolean {
  if (item.updated_at !== product.updated_at) return item.updated_at < product.updated_at;
  return product.embedding_status !== "pending" || item.embedding_status === "pending";
}

export function withoutProduct(pages: Pages, id: string): Pages {
  return changed(pages, (items) => items.filter((item) => item.id !== id));
}

function changed(pages: Pages, change: (items: Product[]) => Product[]): Pages {
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, items: change(page.items) })) };
}

function has(pages: Pages | undefined, id: string): boolean {
  return pages?.pages.some((page) => page.items.some((item) => item.id === id)) ?? false;
}

/** Puts a product's new state wherever it is shown. Tells whether a list does not know it. */
export function putProduct(client: QueryClient, product: Product): boolean {
  const lists = client.getQueriesData<Pages>({ queryKey: LISTS });
  client.setQueriesData<Pages>({ queryKey: LISTS }, (pages) => pages && withProduct(pages, product));
  client.setQueryData(oneProduct(product.id).queryKey, (old) =>
    old !== undefined && isNewer(product, old) ? product : old,
  );
  return lists.some(([, pages]) => pages !== undefined && !has(pages, product.id));
}

export function dropProduct(client: QueryClient, id: string): void {
  client.setQueriesData<Pages>({ queryKey: LISTS }, (pages) => pages && withoutProduct(pages, id));
}

export function reloadLists(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: LISTS });
  void client.invalidateQueries({ queryKey: categoriesQuery.queryKey });
}

/** A catalogue that is brought in or learned tells of each product: the lists are read again once. */
const CALM_MS = 400;
let timer: ReturnType<typeof setTimeout> | undefined;

function reloadSoon(client: QueryClient): void {
  if (timer !== undefined) return;
  timer = setTimeout(() => {
    timer = undefined;
    reloadLists(client);
  }, CALM_MS);
}

/** What colleagues do to the catalogue. */
export const liveProducts: LivePart = {
  keys: [["products"]],
  apply: (client, events) => {
    for (const { event } of events) {
      if (event.type === "products.changed") {
        putImport(client, event.data.import);
        // A dry run changes nothing.
        if (!event.data.import.dry_run) reloadSoon(client);
      }
      if (event.type !== "product.updated") continue;
      if ("deleted" in event.data) dropProduct(client, event.data.id);
      else if (putProduct(client, event.data)) reloadSoon(client);
    }
  },
  resync: (client) => {
    reloadLists(client);
    reloadImports(client);
  },
};
