import { useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/gen/model";
import { errorText } from "@/shared/i18n/errors";
import { useRights } from "@/shared/rights";
import { Button, ErrorState, Loading, Skeleton, toast } from "@/shared/ui";
import { useNameOf } from "../data/members";
import { showPlace } from "../data/messages";
import { useChances } from "../useChances";
import { contactName } from "../words";
import { AboveThread } from "./AboveThread";
import { Announcer } from "./Announcer";
import { JumpPill } from "./JumpPill";
import { RowView, type Shared } from "./RowView";
import type { Row } from "./rows";
import { countAfter } from "./rows";
import { END_PX, useEnd } from "./useEnd";
import { useReading } from "./useReading";
import { useSought } from "./useSought";
import { useThread } from "./useThread";

interface Props {
  conversation: Conversation;
  /** The message to open at. */
  message: string | null;
  onEdit: (text: string) => void;
}

/** Load older messages when so many rows are left above the screen. */
const AHEAD = 25;

/** The messages of a conversation, the newest at the end. */
export function Thread({ conversation, message, onEdit }: Props) {
  const { t } = useTranslation(["inbox", "common"]);
  const thread = useThread(conversation);
  const { query, rows, messages, outgoing, retryNotes, hasNewest } = thread;
  const scroller = useRef<HTMLDivElement>(null);
  const { isAtEnd, measure } = useEnd(scroller);
  const [isPlaced, setPlaced] = useState(false);
  const name = contactName(conversation.contact, t);
  const hadNewest = useRef(hasNewest);
  const virtualizer = useVirtualizer({
    count: query.isSuccess ? rows.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index]),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 10,
    paddingStart: 8,
    paddingEnd: 12,
    anchorTo: "end",
    // A page towards newer messages is read on, not jumped over.
    followOnAppend: hadNewest.current,
    scrollEndThreshold: END_PX,
  });
  useEffect(() => {
    hadNewest.current = hasNewest;
  }, [hasNewest]);
  const conversationId = conversation.id;
  const sought = useSought({ conversationId, message, thread, isPlaced, virtualizer, measure });
  useReading(conversation, isAtEnd && hasNewest && isPlaced && query.isSuccess && sought.isSettled);

  const hasRows = query.isSuccess;
  useLayoutEffect(() => {
    if (!hasRows || isPlaced) return;
    virtualizer.scrollToEnd();
    setPlaced(true);
  }, [hasRows, isPlaced, virtualizer]);

  const jump = useJump(conversationId, hasNewest, {
    toEnd: () => virtualizer.scrollToEnd({ behavior: "auto" }),
    toNewest: () => setPlaced(false),
  });
  const shared = useShared(conversation, thread, sought.goTo, onEdit);
  const shown = virtualizer.getVirtualItems();
  const first = shown[0]?.index ?? AHEAD;
  const last = shown.at(-1)?.index ?? 0;
  const { fetchPreviousPage, isFetching, isFetchingPreviousPage, isFetchPreviousPageError } = query;
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  useEffect(() => {
    const wantsOlder =
      isPlaced &&
      first < AHEAD &&
      hasNextPage &&
      !isFetchingNextPage &&
      !isFetchingPreviousPage &&
      !isFetchNextPageError;
    if (wantsOlder) void fetchNextPage();
  }, [
    isPlaced,
    first,
    hasNextPage,
    isFetchingNextPage,
    isFetchingPreviousPage,
    isFetchNextPageError,
    fetchNextPage,
  ]);
  useEffect(() => {
    const wantsNewer =
      isPlaced &&
      sought.isSettled &&
      !hasNewest &&
      rows.length - last <= AHEAD &&
      !isFetching &&
      !isFetchPreviousPageError;
    if (wantsNewer) void fetchPreviousPage();
  }, [
    isPlaced,
    sought.isSettled,
    hasNewest,
    rows.length,
    last,
    isFetching,
    isFetchPreviousPageError,
    fetchPreviousPage,
  ]);

  // What one sends is always shown; what was sent before the thread was opened is no reason to go anywhere.
  const newestOwn = outgoing.at(-1)?.at ?? 0;
  const shownOwn = useRef(newestOwn);
  useEffect(() => {
    if (newestOwn > shownOwn.current) jump();
    shownOwn.current = Math.max(newestOwn, shownOwn.current);
  }, [newestOwn, jump]);

  // The composer grows and shrinks under the thread: who is at the end stays there.
  const stays = useRef(isAtEnd);
  stays.current = isAtEnd;
  useEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const watcher = new ResizeObserver(() => {
      if (stays.current) virtualizer.scrollToEnd();
      measure();
    });
    watcher.observe(box);
    return () => watcher.disconnect();
  }, [virtualizer, measure]);

  const seen = useRef<string | null>(null);
  if ((isAtEnd && hasNewest) || seen.current === null) seen.current = rows.at(-1)?.key ?? null;
  const news = isAtEnd ? 0 : countAfter(rows, seen.current);

  return (
    <div className="in-thread-place">
      <Announcer messages={query.isSuccess && hasNewest ? messages : null} name={name} />
      {/* biome-ignore lint/a11y/useSemanticElements: the pane around it is the section; this is what scrolls */}
      <div
        ref={scroller}
        className="in-thread-scroll"
        role="region"
        aria-label={t("thread.label", { name })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-busy={query.isPending || isFetchingNextPage || isFetchingPreviousPage || sought.isSeeking}
      >
        {query.isPending && <ThreadSkeleton />}
        {query.isError && messages.length === 0 && (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        )}
        <div className="in-thread-rows" style={{ height: virtualizer.getTotalSize() }}>
          {shown.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <div
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                className="in-thread-row"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <RowView
                  row={row}
                  shared={shared}
                  isMarked={row.kind === "message" && row.message.id === sought.found}
                />
              </div>
            );
          })}
        </div>
      </div>
      {query.isSuccess && retryNotes && (
        <p className="in-notice cd-tint-error" role="alert">
          {t("note.loadFailed")}{" "}
          <Button look="link" onClick={retryNotes}>
            {t("common:retry")}
          </Button>
        </p>
      )}
      <AboveThread />
      {sought.isSeeking && (
        <p className="in-seeking" role="status">
          {t("thread.seeking")}
        </p>
      )}
      {!(isAtEnd && hasNewest) && isPlaced && <JumpPill news={news} onJump={jump} />}
    </div>
  );
}

interface Ways {
  toEnd: () => void;
  /** After the newest page has come. */
  toNewest: () => void;
}

/** The way to the newest message, also when its page is not loaded. */
function useJump(conversationId: string, hasNewest: boolean, ways: Ways): () => void {
  const client = useQueryClient();
  const latest = useRef(ways);
  latest.current = ways;
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  return useCallback(() => {
    if (hasNewest) {
      latest.current.toEnd();
      return;
    }
    abort.current?.abort();
    const mine = new AbortController();
    abort.current = mine;
    showPlace(client, conversationId, null, mine.signal).then(
      () => !mine.signal.aborted && latest.current.toNewest(),
      (error) => {
        if (!mine.signal.aborted) toast(errorText(error), { tone: "error" });
      },
    );
  }, [client, conversationId, hasNewest]);
}

function useShared(
  conversation: Conversation,
  thread: ReturnType<typeof useThread>,
  onGoTo: (id: string) => void,
  onEdit: Props["onEdit"],
): Shared {
  const { me, query } = thread;
  const { fetchNextPage, isFetchNextPageError: olderFailed } = query;
  const { fetchPreviousPage, isFetchPreviousPageError: newerFailed } = query;
  const nameOf = useNameOf();
  const chances = useChances(conversation);
  const { manages: mayDeleteAll } = useRights();
  return useMemo(
    () => ({
      conversation,
      me,
      nameOf,
      mayDeleteAll,
      chances,
      olderFailed,
      onOlder: () => void fetchNextPage(),
      newerFailed,
      onNewer: () => void fetchPreviousPage(),
      onGoTo,
      onEdit,
    }),
    [
      conversation,
      me,
      nameOf,
      mayDeleteAll,
      chances,
      olderFailed,
      fetchNextPage,
      newerFailed,
      fetchPreviousPage,
      onGoTo,
      onEdit,
    ],
  );
}

function estimate(row: Row | undefined): number {
  if (row === undefined) return 60;
  if (row.kind === "message") {
    const lines = Math.ceil(row.message.content.length / 48);
    const { attachments, cards } = row.message;
    const rich = attachments.length * 190 + cards.length * 68;
    return 20 + Math.min(lines, 34) * 22 + rich + (row.isLast ? 26 : 0);
  }
  return row.kind === "note" ? 76 : 48;
}

function ThreadSkeleton() {
  return (
    <Loading>
      <div className="in-thread-skeleton">
        <Skeleton width="46%" height={44} />
        <Skeleton width="38%" height={64} style={{ alignSelf: "flex-end" }} />
        <Skeleton width="52%" height={44} />
        <Skeleton width="30%" height={44} />
        <Skeleton width="44%" height={84} style={{ alignSelf: "flex-end" }} />
        <Skeleton width="36%" height={44} />
      </div>
    </Loading>
  );
}
