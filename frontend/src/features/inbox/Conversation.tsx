import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { isNotFound } from "@/api/error";
import type { Conversation } from "@/api/gen/model";
import { EmptyState, ErrorState, Loading, Skeleton } from "@/shared/ui";
import { type Details, useAddress } from "./address";
import { Composer, type ComposerHandle } from "./compose/Composer";
import type { Mode } from "./compose/drafts";
import { type ConversationPages, conversationOptions } from "./data/conversations";
import { dropFromLists } from "./data/erased";
import { keys } from "./data/keys";
import { inReadingOrder, messagesOptions } from "./data/messages";
import { Header } from "./Header";
import { People } from "./People";
import { Panel } from "./panel/Panel";
import { PANEL_PX } from "./panes";
import { Resizer } from "./Resizer";
import { Thread } from "./thread/Thread";
import { useChances } from "./useChances";
import { useConversationKeys } from "./useConversationKeys";

/** The open conversation with its details. */
export function ConversationView({ id, details }: { id: string; details: Details }) {
  const { t } = useTranslation("inbox");
  const client = useQueryClient();
  const query = useQuery({
    ...conversationOptions(id),
    enabled: !isMalformed(id),
    placeholderData: () => fromLists(client.getQueriesData({ queryKey: keys.lists }), id),
  });
  // Somebody erased the customer's data meanwhile, and nothing live told of it.
  const isGone = isNotFound(query.error);
  useEffect(() => {
    if (isGone) dropFromLists(client, (one) => one.id === id);
  }, [client, id, isGone]);
  // Asked together with the conversation, not after it.
  useEffect(() => {
    if (!isMalformed(id)) void client.prefetchInfiniteQuery(messagesOptions(id));
  }, [client, id]);
  if (query.data !== undefined) return <Opened conversation={query.data} details={details} />;
  return (
    <section className="in-thread" aria-label={t("thread.pane")}>
      {query.isLoading ? (
        <Loading>
          <div className="in-thread-skeleton">
            <Skeleton width="40%" height={28} />
            <Skeleton width="60%" height={48} />
          </div>
        </Loading>
      ) : isGone || isMalformed(id) ? (
        <EmptyState
          title={t("thread.gone")}
          text={t("thread.goneText")}
          action={
            <Link className="cd-btn cd-btn-primary" to="/inbox">
              {t("thread.goneAction")}
            </Link>
          }
        />
      ) : (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      )}
    </section>
  );
}

/** What a list knows of a conversation is shown until the server answers. */
function fromLists(lists: [unknown, ConversationPages | undefined][], id: string): Conversation | undefined {
  for (const [, pages] of lists) {
    for (const page of pages?.pages ?? []) {
      const found = page.items.find((item) => item.id === id);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** An address that somebody cut short is no conversation either. */
function isMalformed(id: string): boolean {
  return !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}

function Opened({ conversation, details }: { conversation: Conversation; details: Details }) {
  const { t } = useTranslation(["inbox", "common"]);
  const { message } = useAddress();
  const [mode, setMode] = useState<Mode>("reply");
  const composer = useRef<ComposerHandle>(null);
  const messages = useLoadedMessages(conversation.id);
  const { isWindowOpen } = useChances(conversation);
  const drop = useDrop(composer, mode === "reply" && isWindowOpen);
  const write = useCallback((next: Mode) => {
    // At once, so that the next keys are typed there and are no commands.
    flushSync(() => setMode(next));
    composer.current?.focus();
  }, []);
  const edit = useCallback((text: string) => {
    // The other mode's text must be there first.
    flushSync(() => setMode("reply"));
    composer.current?.take(text);
  }, []);
  useConversationKeys({ conversation, write, details });
  return (
    <>
      <section className="in-thread" aria-labelledby="in-open-name" {...drop.handlers}>
        <Header conversation={conversation} details={details} />
        <Thread conversation={conversation} message={message} onEdit={edit} />
        <People conversationId={conversation.id} />
        <Composer ref={composer} conversation={conversation} messages={messages} mode={mode} onMode={write} />
        {drop.isOver && <p className="in-drop">{t("composer.drop")}</p>}
      </section>
      {details.isOpen && (
        <>
          <Resizer bounds={PANEL_PX} label={t("panel.resizePanel")} growsTo="start" />
          <Panel conversation={conversation} messages={messages} onClose={details.toggle} />
        </>
      )}
    </>
  );
}

function useLoadedMessages(id: string) {
  // The thread asks for them; here they are only read.
  const { data } = useInfiniteQuery({ ...messagesOptions(id), enabled: false });
  return useMemo(() => inReadingOrder(data), [data]);
}

/** Files that are dragged over the conversation and let go there. */
function useDrop(composer: { current: ComposerHandle | null }, isOn: boolean) {
  const [isOver, setOver] = useState(false);
  const hasFiles = (event: DragEvent) => isOn && event.dataTransfer.types.includes("Files");
  const handlers = {
    onDragOver: (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: (event: DragEvent) => {
      const to = event.relatedTarget;
      if (!(to instanceof Node && event.currentTarget.contains(to))) setOver(false);
    },
    onDrop: (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      composer.current?.addFiles(event.dataTransfer.files);
    },
  };
  return { isOver, handlers };
}
