import { useCallback } from "react";
import { useParams, useSearchParams } from "react-router";
import { useMedia, WIDE } from "@/shared/media";
import { setPane, usePreferences } from "@/shared/preferences";

/** What the address says beside the filters. */
const MESSAGE = "message";
const DETAILS = "details";

export function conversationPath(
  id: string | null,
  params: URLSearchParams,
  message: string | null = null,
): string {
  const next = new URLSearchParams(params);
  next.delete(DETAILS);
  next.delete(MESSAGE);
  if (message !== null) next.set(MESSAGE, message);
  const query = next.size > 0 ? `?${next}` : "";
  return `/inbox${id === null ? "" : `/${encodeURIComponent(id)}`}${query}`;
}

/** Which conversation is open, and where in it. */
export function useAddress(): { openId: string | null; message: string | null } {
  const { conversationId } = useParams();
  const [params] = useSearchParams();
  return { openId: conversationId ?? null, message: params.get(MESSAGE) };
}

export interface Details {
  isOpen: boolean;
  toggle: () => void;
}

/** Whether the details are shown: on wide screens a liking, on others a place one goes to and comes back from. */
export function useDetails(): Details {
  const isWide = useMedia(WIDE);
  const [params, setParams] = useSearchParams();
  const liked = usePreferences((state) => state.panes["inbox.details"] !== 0);
  const isOpen = isWide ? liked : params.has(DETAILS);
  const toggle = useCallback(() => {
    if (isWide) {
      setPane("inbox.details", isOpen ? 0 : 1);
      return;
    }
    const next = new URLSearchParams(params);
    if (isOpen) next.delete(DETAILS);
    else next.set(DETAILS, "1");
    setParams(next, { replace: isOpen });
  }, [isWide, isOpen, params, setParams]);
  return { isOpen, toggle };
}
