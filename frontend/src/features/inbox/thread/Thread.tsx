import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { ErrorState, Loading, Skeleton } from "@/shared/ui";
import { useNameOf } from "../data/members";
import { useChances } from "../useChances";
import { contactName } from "../words";
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
  const { query, rows, messages, outgoing } = thread;
  const scroller = useRef<HTMLDivElement>(null);
  const { isAtEnd, measure } = useEnd(scroller);
  const [isPlaced, setPlaced] = useState(false);
  const name = contactName(conversation.contact, t);
  const virtualizer = useVirtualizer({
    count: query.isSuccess ? rows.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index]),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 10,
    paddingStart: 8,
    paddingEnd: 12,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: END_PX,
  });
  const sought = useSought({ message, thread, isPlaced, virtualizer });
  useReading(conversation, isAtEnd && isPlaced && query.isSuccess);

  const hasRows = query.isSuccess;
  useLayoutEffect(() => {
    if (!hasRows || isPlaced) return;
    virtualizer.scrollToEnd();
    setPlaced(true);
  }, [hasRows, isPlaced, virtualizer]);

  const shared = useShared(conversation, thread, onEdit);
  const shown = virtualizer.getVirtualItems();
  const first = shown[0]?.index ?? AHEAD;
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  useEffect(() => {
    const wantsOlder =
      isPlaced && first < AHEAD && hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
    if (wantsOlder) void fetchNextPage();
  }, [isPlaced, first, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  // One's own message is always shown.
  const newestOwn = outgoing.at(-1)?.id ?? null;
  useEffect(() => {
    if (newestOwn !== null) virtualizer.scrollToEnd();
  }, [newestOwn, virtualizer]);

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
  if (isAtEnd || seen.current === null) seen.current = rows.at(-1)?.key ?? null;
  const news = isAtEnd ? 0 : countAfter(rows, seen.current);

  return (
    <div className="in-thread-place">
      <Announcer messages={messages} name={name} />
      {/* biome-ignore lint/a11y/useSemanticElements: the pane around it is the section; this is what scrolls */}
      <div
        ref={scroller}
        className="in-thread-scroll"
        role="region"
        aria-label={t("thread.label", { name })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-busy={query.isPending || isFetchingNextPage || sought.isSeeking}
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
      {sought.isSeeking && (
        <p className="in-seeking" role="status">
          {t("thread.seeking")}
        </p>
      )}
      {!isAtEnd && isPlaced && (
        <JumpPill news={news} onJump={() => virtualizer.scrollToEnd({ behavior: "auto" })} />
      )}
    </div>
  );
}

function useShared(
  conversation: Conversation,
  thread: ReturnType<typeof useThread>,
  onEdit: Props["onEdit"],
): Shared {
  const { me, query } = thread;
  const { fetchNextPage, isFetchNextPageError: olderFailed } = query;
  const nameOf = useNameOf();
  const chances = useChances(conversation);
  const role = useSession((state) => state.user?.member_role);
  const mayDeleteAll = role === "owner" || role === "manager";
  return useMemo(
    () => ({
      conversation,
      me,
      nameOf,
      mayDeleteAll,
      chances,
      olderFailed,
      onOlder: () => void fetchNextPage(),
      onEdit,
    }),
    [conversation, me, nameOf, mayDeleteAll, chances, olderFailed, fetchNextPage, onEdit],
  );
}

function estimate(row: Row | undefined): number {
  if (row === undefined) return 60;
  if (row.kind === "message") {
    const lines = Math.ceil(row.message.content.length / 48);
    return 20 + Math.min(lines, 34) * 22 + row.message.attachments.length * 190 + (row.isLast ? 26 : 0);
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
