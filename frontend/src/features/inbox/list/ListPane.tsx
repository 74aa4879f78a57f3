import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type RefObject, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { channelsQuery, labelsQuery } from "@/api/queries";
import { useSession } from "@/api/session";
import { type Shortcut, useShortcuts } from "@/shared/keys";
import { Button, EmptyState, ErrorState, Loading } from "@/shared/ui";
import { conversationOptions, listOptions } from "../data/conversations";
import { EVERYTHING, isNarrowed, readWanted, type Wanted, withChoice } from "../data/wanted";
import { Filters } from "./Filters";
import { type Cursor, List, RowSkeleton } from "./List";
import { Search } from "./Search";
import { useList } from "./useList";

/** Finds and lists conversations. */
export function ListPane({ openId }: { openId: string | null }) {
  const { t } = useTranslation(["inbox", "common"]);
  const [params] = useSearchParams();
  // The address also says what is open: only another choice makes another list.
  const { filter, q, label, channel } = readWanted(params);
  const wanted = useMemo(() => ({ filter, q, label, channel }), [filter, q, label, channel]);
  const me = useSession((state) => state.user?.id ?? "");
  const open = useQuery({ ...conversationOptions(openId ?? ""), enabled: false }).data ?? null;
  const { query, rows, gone, wantMore, setPointed, retryMore } = useList(
    wanted,
    openId === null ? null : open,
  );
  useKnownOnly(label, channel);
  const field = useRef<HTMLInputElement>(null);
  const cursor = useRef<Cursor>(null);
  useListKeys(field, cursor);

  return (
    <>
      <div className="in-list-head">
        <Search ref={field} onDown={() => cursor.current?.step(1)} />
        <Filters wanted={wanted} />
      </div>
      {query.isPending ? (
        <ListSkeleton />
      ) : query.isError && rows.length === 0 ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : rows.length === 0 ? (
        <Empty wanted={wanted} />
      ) : (
        <List
          rows={rows}
          gone={gone}
          hasMore={query.hasNextPage}
          openId={openId}
          query={wanted.q}
          me={me}
          cursor={cursor}
          onRange={wantMore}
          onPoint={setPointed}
        />
      )}
      {rows.length > 0 && retryMore && (
        <p className="in-notice cd-tint-error" role="alert">
          {t("list.moreFailed")}{" "}
          <Button look="link" onClick={retryMore}>
            {t("common:retry")}
          </Button>
        </p>
      )}
    </>
  );
}

function useListKeys(field: RefObject<HTMLInputElement | null>, cursor: RefObject<Cursor | null>): void {
  const { t, i18n } = useTranslation("inbox");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language, and t does not tell.
  const shortcuts = useMemo<Shortcut[]>(() => {
    const group = t("title");
    return [
      { keys: ["j"], label: t("keys.next"), group, run: () => cursor.current?.step(1) },
      { keys: ["k"], label: t("keys.previous"), group, run: () => cursor.current?.step(-1) },
      { keys: ["/"], label: t("keys.search"), group, run: () => field.current?.focus() },
    ];
  }, [t, i18n.language, field, cursor]);
  useShortcuts(shortcuts);
}

/** An address may name a label or channel that is gone: asking for it again would never help, so it is dropped. */
function useKnownOnly(label: string | null, channel: string | null): void {
  const [params, setParams] = useSearchParams();
  const labels = useQuery(labelsQuery);
  const channels = useQuery(channelsQuery);
  const isGone = (
    id: string | null,
    { data, isFetching }: { data?: { id: string }[] | undefined; isFetching: boolean },
  ) => id !== null && data !== undefined && !isFetching && !data.some((one) => one.id === id);
  const gone = isGone(label, labels) ? "label" : isGone(channel, channels) ? "channel" : null;
  useEffect(() => {
    if (gone !== null) setParams(withChoice(params, gone, ""), { replace: true });
  }, [gone, params, setParams]);
}

function ListSkeleton() {
  return (
    <div className="in-list-scroll">
      <Loading>
        {["a", "b", "c", "d", "e", "f", "g"].map((name) => (
          <div key={name} className="in-list-skeleton">
            <RowSkeleton />
          </div>
        ))}
      </Loading>
    </div>
  );
}

/** Why nothing is here, and a way on. */
function Empty({ wanted }: { wanted: Wanted }) {
  const { t } = useTranslation("inbox");
  const [, setParams] = useSearchParams();
  const channels = useQuery(channelsQuery).data;
  const isPlain = !isNarrowed(wanted);
  const everything = useInfiniteQuery({ ...listOptions(EVERYTHING), enabled: isPlain });
  const clear = (
    <Button onClick={() => setParams(new URLSearchParams(), { replace: true })}>{t("filter.clear")}</Button>
  );
  if (wanted.q !== "") {
    return (
      <EmptyState
        title={t("empty.searchTitle")}
        text={t("empty.searchText", { q: wanted.q })}
        action={clear}
      />
    );
  }
  // Whether nobody has written yet or everything is closed is still being asked.
  if (isPlain && everything.isPending) return <ListSkeleton />;
  if (isPlain && everything.data?.pages.every(({ items }) => items.length === 0)) {
    const isConnected = channels === undefined || channels.some(({ is_active }) => is_active);
    return (
      <EmptyState
        title={t("empty.shopTitle")}
        text={t("empty.shopText")}
        action={
          !isConnected && (
            <Link className="cd-btn cd-btn-primary" to="/channels">
              {t("empty.shopAction")}
            </Link>
          )
        }
      />
    );
  }
  return (
    <EmptyState
      title={t("empty.narrowTitle")}
      text={t(`empty.${wanted.filter}`)}
      action={isPlain ? undefined : clear}
    />
  );
}
