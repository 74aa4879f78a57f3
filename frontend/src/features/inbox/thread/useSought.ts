import type { Virtualizer } from "@tanstack/react-virtual";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "@/shared/ui";
import type { useThread } from "./useThread";

/** So many pages are fetched to reach a message; further back it is quicker to scroll. */
const MOST_PAGES = 40;

interface Props {
  message: string | null;
  thread: ReturnType<typeof useThread>;
  isPlaced: boolean;
  virtualizer: Virtualizer<HTMLDivElement, Element>;
}

/** Goes to the message that the address names, and fetches older pages until it is there. */
export function useSought({ message, thread, isPlaced, virtualizer }: Props) {
  const { t } = useTranslation("inbox");
  const { query, rows } = thread;
  /** Which one was looked for last, and whether it was there. */
  const [settled, setSettled] = useState<{ message: string; isThere: boolean } | null>(null);
  const pages = query.data?.pages.length ?? 0;
  const isSettled = message === null || settled?.message === message;
  useEffect(() => {
    if (isSettled || !isPlaced || query.isFetchingNextPage) return;
    const at = rows.findIndex((row) => row.kind === "message" && row.message.id === message);
    if (at >= 0) {
      setSettled({ message, isThere: true });
      virtualizer.scrollToIndex(at, { align: "center" });
    } else if (query.hasNextPage && pages < MOST_PAGES && !query.isFetchNextPageError) {
      void query.fetchNextPage();
    } else {
      setSettled({ message, isThere: false });
      toast(t("thread.notFound"));
    }
  }, [message, isSettled, isPlaced, rows, query, pages, virtualizer, t]);
  return { found: settled?.isThere === true ? settled.message : null, isSeeking: !isSettled && isPlaced };
}
