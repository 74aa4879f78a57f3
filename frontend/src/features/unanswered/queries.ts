import { type InfiniteData, infiniteQueryOptions, type QueryClient } from "@tanstack/react-query";
import { listUnanswered } from "@/api/gen/assistant/assistant";
import type { ListUnansweredQuestion, ListUnansweredQuestionItemsItem } from "@/api/gen/model";

export type Unanswered = ListUnansweredQuestionItemsItem;
type Pages = InfiniteData<ListUnansweredQuestion, unknown>;

const KEY = ["unanswered"] as const;
const PAGE = 50;

/** Most asked first. Customers go on asking: it is read anew whenever it is opened. */
export const unansweredList = infiniteQueryOptions({
  queryKey: KEY,
  queryFn: ({ pageParam, signal }) =>
    listUnanswered({ limit: PAGE, ...(pageParam === "" ? {} : { cursor: pageParam }) }, { signal }),
  initialPageParam: "",
  getNextPageParam: (last) => last.next_cursor ?? null,
  staleTime: 0,
});

export function withoutQuestion(pages: Pages, id: string): Pages {
  return {
    ...pages,
    pages: pages.pages.map((page) => ({ ...page, items: page.items.filter((one) => one.id !== id) })),
  };
}

export function dropQuestion(client: QueryClient, id: string): void {
  client.setQueryData(unansweredList.queryKey, (pages) => pages && withoutQuestion(pages, id));
}

export function reloadUnanswered(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: KEY });
}
