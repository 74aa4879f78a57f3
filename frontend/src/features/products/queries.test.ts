import { QueryClient } from "@tanstack/react-query";
import { afterEach, expect, it, vi } from "vitest";
import type { Product } from "@/api/gen/model";
import { liveProducts, NO_FILTER, oneProduct, productList, withoutProduct, withProduct } from "./queries";

function product(id: string, updated_at: string, name = id): Product {
  return {
    id,
    name,
    description: "",
    price: "1",
    currency: "VND",
    status: "available",
    extra_info: {},
    image_urls: [],
    variants: [],
    embedding_status: "pending",
    created_at: updated_at,
    updated_at,
  };
}

function pages(...items: Product[]) {
  return { pages: [{ items, next_cursor: null }], pageParams: [""] };
}

it("takes the newer state of a product and ignores an older one", () => {
  const list = pages(product("a", "2026-11-22T10:00:00Z", "old"), product("b", "2026-11-22T10:00:00Z"));
  const newer = withProduct(list, product("a", "2026-11-22T11:00:00Z", "new"));
  expect(newer.pages[0]?.items.map((item) => item.name)).toEqual(["new", "b"]);
  expect(withProduct(newer, product("a", "2026-11-22T10:00:00Z", "old"))).toEqual(newer);
  expect(withoutProduct(newer, "a").pages[0]?.items.map((item) => item.id)).toEqual(["b"]);
});

it("hears that a product was learned, and does not unlearn it", () => {
  const at = "2026-11-22T10:00:00Z";
  const ready = { ...product("a", at), embedding_status: "ready" as const };
  const list = withProduct(pages(product("a", at)), ready);
  expect(list.pages[0]?.items).toEqual([ready]);
  expect(withProduct(list, product("a", at))).toEqual(list);
  expect(withProduct(list, product("a", "2026-11-22T11:00:00Z")).pages[0]?.items[0]?.embedding_status).toBe(
    "pending",
  );
});

afterEach(() => {
  vi.useRealTimers();
});

it("follows what colleagues do", () => {
  vi.useFakeTimers();
  const client = new QueryClient();
  const key = productList(NO_FILTER).queryKey;
  client.setQueryData(key, pages(product("a", "2026-11-22T10:00:00Z"), product("b", "2026-11-22T10:00:00Z")));
  const changed = product("b", "2026-11-22T11:00:00Z", "new");
  liveProducts.apply(client, [
    { isReplay: false, event: { type: "product.updated", data: { id: "a", deleted: true } } },
    { isReplay: false, event: { type: "product.updated", data: changed } },
  ]);
  expect(client.getQueryData(key)?.pages[0]?.items).toEqual([changed]);
  expect(client.getQueryState(key)?.isInvalidated).toBe(false);
  liveProducts.apply(client, [
    { isReplay: false, event: { type: "product.updated", data: product("c", "2026-11-23T00:00:00Z") } },
  ]);
  expect(client.getQueryState(key)?.isInvalidated).toBe(false);
  vi.advanceTimersByTime(1_000);
  expect(client.getQueryState(key)?.isInvalidated).toBe(true);
});

it("reads the lists again once for many products that they do not show", () => {
  vi.useFakeTimers();
  const client = new QueryClient();
  client.setQueryData(productList({ ...NO_FILTER, q: "áo" }).queryKey, pages());
  const reload = vi.spyOn(client, "invalidateQueries");
  for (let at = 0; at < 100; at += 1) {
    const data = product(`p${at}`, "2026-11-22T10:00:00Z");
    liveProducts.apply(client, [{ isReplay: false, event: { type: "product.updated", data } }]);
  }
  vi.advanceTimersByTime(1_000);
  expect(reload.mock.calls.filter(([what]) => what?.queryKey?.[1] === "list")).toHaveLength(1);
});

it("keeps an opened product true", () => {
  const client = new QueryClient();
  const { queryKey } = oneProduct("a");
  const at = "2026-11-22T10:00:00Z";
  client.setQueryData(queryKey, product("a", at));
  const ready = { ...product("a", at), embedding_status: "ready" as const };
  liveProducts.apply(client, [{ isReplay: false, event: { type: "product.updated", data: ready } }]);
  expect(client.getQueryData(queryKey)?.embedding_status).toBe("ready");
});
