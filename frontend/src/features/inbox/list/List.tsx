import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/gen/model";
import { Skeleton } from "@/shared/ui";
import { useNameOf } from "../data/members";
import { useNow } from "../useNow";
import { stepFrom } from "./order";
import { Row } from "./Row";

/** Every row is as tall as any other, so that one which is not loaded yet takes the same room. */
export const ROW_PX = 90;

export interface Cursor {
  /** Moves the focus to the next or the previous row. */
  step: (by: 1 | -1) => void;
}

interface Props {
  rows: readonly Conversation[];
  /** Rows before them whose page is not in memory. */
  gone: number;
  hasMore: boolean;
  openId: string | null;
  query: string;
  me: string;
  cursor: RefObject<Cursor | null>;
  onRange: (first: number, last: number) => void;
  onPoint: (id: string | null) => void;
}

export function List({ rows, gone, hasMore, openId, query, me, cursor, onRange, onPoint }: Props) {
  const { t } = useTranslation("inbox");
  const now = useNow();
  const nameOf = useNameOf();
  const scroller = useRef<HTMLDivElement>(null);
  const at = useRef<string | null>(null);
  const wanted = useRef<string | null>(null);
  const virtualizer = useVirtualizer({
    count: gone + rows.length + (hasMore ? 3 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index - gone]?.id ?? `empty ${index}`,
    overscan: 8,
  });
  const shown = virtualizer.getVirtualItems();
  const first = shown[0]?.index ?? 0;
  const lastShown = shown.at(-1)?.index ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the function is new with every paint; what it needs is listed
  useEffect(() => onRange(first, lastShown), [first, lastShown, gone, rows.length]);

  // Moving a row in the document takes the focus from it: give it back, where it was.
  const focused = focusedRow(scroller.current);
  useLayoutEffect(() => {
    const target = wanted.current ?? (document.activeElement === document.body ? focused : null);
    if (target === null) return;
    const row = rowOf(scroller.current, target);
    row?.focus({ preventScroll: true });
    if (row !== null) wanted.current = null;
  });

  // Whoever went elsewhere meanwhile is not fetched back when the row comes at last.
  useEffect(() => {
    const forget = ({ target }: FocusEvent) => {
      if (rowIdOf(target) !== wanted.current) wanted.current = null;
    };
    document.addEventListener("focusin", forget);
    return () => document.removeEventListener("focusin", forget);
  }, []);

  // Whoever comes back from a conversation is where they were.
  const last = useRef(openId);
  useLayoutEffect(() => {
    const left = openId === null ? last.current : null;
    last.current = openId;
    if (left === null || document.activeElement !== document.body) return;
    at.current = left;
    rowOf(scroller.current, left)?.focus({ preventScroll: true });
  }, [openId]);

  const step = (by: 1 | -1) => {
    const ids = rows.map(({ id }) => id);
    const next = stepFrom(ids, focusedRow(scroller.current) ?? at.current ?? openId, by);
    if (next === null) return;
    at.current = next;
    wanted.current = next;
    virtualizer.scrollToIndex(gone + ids.indexOf(next), { align: "auto" });
    const row = rowOf(scroller.current, next);
    if (row === null) return;
    row.focus({ preventScroll: true });
    wanted.current = null;
  };
  cursor.current = { step };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1 as const, ArrowUp: -1 as const }[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    step(by);
  };
  const tabStop = tabStopOf(
    shown.map(({ index }) => rows[index - gone]?.id),
    [at.current, openId],
  );

  return (
    <div
      ref={scroller}
      className="in-list-scroll"
      onPointerMove={(event) => onPoint(event.pointerType === "mouse" ? rowIdOf(event.target) : null)}
      onPointerLeave={() => onPoint(null)}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: rows are placed freely, which ul and li do not allow */}
      <div
        role="list"
        aria-label={t("list.label")}
        className="in-list-rows"
        style={{ height: virtualizer.getTotalSize() }}
        onKeyDown={onKeyDown}
      >
        {shown.map(({ index, key, start }) => {
          const conversation = rows[index - gone];
          return (
            // biome-ignore lint/a11y/useSemanticElements: see above
            <div
              key={key}
              role="listitem"
              className="in-list-row"
              style={{ transform: `translateY(${start}px)`, height: ROW_PX }}
              aria-posinset={index + 1}
              aria-setsize={hasMore ? -1 : gone + rows.length}
            >
              {conversation === undefined ? (
                <RowSkeleton />
              ) : (
                <Row
                  conversation={conversation}
                  isOpen={conversation.id === openId}
                  isTabStop={conversation.id === tabStop}
                  now={now}
                  me={me}
                  query={query}
                  assignee={nameOf(conversation.assignee_id) ?? null}
                />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

export function RowSkeleton() {
  return (
    <span className="in-row" aria-hidden="true">
      <Skeleton width={40} height={40} style={{ borderRadius: "50%" }} />
      <span className="in-row-body">
        <Skeleton width="55%" height={14} />
        <Skeleton width="85%" height={12} />
        <Skeleton width="35%" height={12} />
      </span>
    </span>
  );
}

function rowIdOf(target: EventTarget | null): string | null {
  const row = target instanceof Element ? target.closest<HTMLElement>("[data-conversation]") : null;
  return row?.dataset.conversation ?? null;
}

function focusedRow(scroller: HTMLElement | null): string | null {
  const active = document.activeElement;
  return scroller?.contains(active) ? rowIdOf(active) : null;
}

function rowOf(scroller: HTMLElement | null, id: string): HTMLElement | null {
  return scroller?.querySelector<HTMLElement>(`[data-conversation="${CSS.escape(id)}"]`) ?? null;
}

/** The row that Tab reaches: the first wish that is on screen, else the topmost row. */
function tabStopOf(
  shown: readonly (string | undefined)[],
  wishes: readonly (string | null)[],
): string | undefined {
  return wishes.find((wish): wish is string => wish !== null && shown.includes(wish)) ?? shown.find(Boolean);
}
