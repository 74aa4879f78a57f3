import { useQueryClient } from "@tanstack/react-query";
import type { Virtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/error";
import { errorText } from "@/shared/i18n/errors";
import { toast } from "@/shared/ui";
import { showPlace } from "../data/messages";
import type { useThread } from "./useThread";

interface Props {
  conversationId: string;
  /** The one that the address names. */
  message: string | null;
  thread: ReturnType<typeof useThread>;
  isPlaced: boolean;
  virtualizer: Virtualizer<HTMLDivElement, Element>;
  /** Looks whether the end is on screen. */
  measure: () => void;
}

/** A wish to see a message: the same one may be wished for again. */
interface Wish {
  message: string;
}

/** Goes to the message that the address or a quote names; what is not loaded is loaded around it. */
export function useSought({ conversationId, message, thread, isPlaced, virtualizer, measure }: Props) {
  const { t } = useTranslation("inbox");
  const client = useQueryClient();
  const { rows } = thread;
  const addressed = useMemo<Wish | null>(() => (message === null ? null : { message }), [message]);
  /** What was clicked since the address last changed. */
  const [clicked, setClicked] = useState<{ wish: Wish; since: Wish | null } | null>(null);
  const wish = clicked !== null && clicked.since === addressed ? clicked.wish : addressed;
  /** Which one was looked for last, and whether it was there. */
  const [settled, setSettled] = useState<{ wish: Wish; isThere: boolean } | null>(null);
  const isSettled = wish === null || settled?.wish === wish;
  const at =
    wish === null || isSettled
      ? -1
      : rows.findIndex((row) => row.kind === "message" && row.message.id === wish.message);
  const isThere = at >= 0;

  useEffect(() => {
    if (wish === null || isSettled || !isPlaced || !isThere) return;
    setSettled({ wish, isThere: true });
    virtualizer.scrollToIndex(at, { align: "center" });
    // At once: until the browser tells of the scrolling, the end would count as seen.
    measure();
  }, [wish, isSettled, isPlaced, isThere, at, virtualizer, measure]);

  useEffect(() => {
    if (wish === null || isSettled || !isPlaced || isThere) return;
    const abort = new AbortController();
    showPlace(client, conversationId, { around: wish.message }, abort.signal).catch((error) => {
      if (abort.signal.aborted) return;
      setSettled({ wish, isThere: false });
      toast(isNowhere(error) ? t("thread.notFound") : errorText(error));
    });
    return () => abort.abort();
  }, [wish, isSettled, isPlaced, isThere, client, conversationId, t]);

  const goTo = useCallback(
    (id: string) => setClicked({ wish: { message: id }, since: addressed }),
    [addressed],
  );
  const found = settled?.isThere === true ? settled.wish.message : null;
  return { found, isSettled, isSeeking: !isSettled && isPlaced, goTo };
}

/** It is gone, or what the address names was never a message. */
function isNowhere(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 422 || error.status === 400);
}
