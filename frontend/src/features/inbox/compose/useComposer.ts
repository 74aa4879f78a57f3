import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useState } from "react";
import type { Conversation, Message, Product } from "@/api/gen/model";
import { sendTyping } from "@/realtime/live";
import { isComposing } from "@/shared/keys";
import { money } from "@/shared/money";
import { usePreferences } from "@/shared/preferences";
import { useActions } from "../data/actions";
import { MOST_IN_NOTE, MOST_IN_TEXT, used } from "../rules/limits";
import { useChances, useChannel } from "../useChances";
import { deliver } from "./courier";
import { clearDraft, type DraftFile, draftKey, draftOf, type Mode, useDrafts, writeDraft } from "./drafts";
import { enqueue, enqueueCards } from "./outbox";
import { addFiles, forgetPreview, retryUpload, type UploadState, uploadsIn, useUploads } from "./uploads";

interface Wish {
  conversation: Conversation;
  messages: readonly Message[];
  mode: Mode;
}

const NO_FILES: DraftFile[] = [];
const NO_TITLES: string[] = [];

/** What is written, and what becomes of it. */
export function useComposer({ conversation, messages, mode }: Wish) {
  const { id, platform } = conversation;
  const client = useQueryClient();
  const actions = useActions();
  const draft = useDrafts(({ drafts }) => drafts[draftKey(id, mode)] ?? null);
  const uploads = useUploads((state) => state.uploads);
  const [noteState, setNoteState] = useState<{ isBusy: boolean; error: unknown }>({
    isBusy: false,
    error: null,
  });
  const enterSends = usePreferences((state) => state.enterSends);
  const channel = useChannel(conversation);
  const { isWindowOpen } = useChances(conversation);
  const mayReply = isWindowOpen && channel?.is_active !== false;
  const newest = messages.at(-1)?.created_at ?? null;
  const text = draft?.text ?? "";
  const files = draft?.files ?? NO_FILES;
  const own = uploadsIn(uploads, id);
  const isUploading = own.some(({ problem, error }) => problem === null && error === null);
  const quickReplies = draft?.quickReplies ?? NO_TITLES;
  const most = mode === "note" ? MOST_IN_NOTE : MOST_IN_TEXT;
  const isTooLong = used(text) > most;
  const isEmpty = text.trim() === "" && (mode === "note" || files.length === 0);
  const maySend =
    !isEmpty && !isTooLong && !noteState.isBusy && (mode === "note" || (mayReply && !isUploading));

  useEffect(() => () => sendTyping(id, false), [id]);

  const setText = (next: string) => {
    writeDraft(id, mode, { text: next }, newest);
    if (mode === "reply") sendTyping(id, next.trim() !== "");
  };
  const setQuickReplies = (titles: string[]) => writeDraft(id, "reply", { quickReplies: titles }, newest);
  const reply = () => {
    enqueue(id, text, files, quickReplies);
    clearDraft(id, "reply");
    // They belong to the next text: files alone leave them.
    if (text.trim() === "" && quickReplies.length > 0) setQuickReplies(quickReplies);
    for (const file of files) forgetPreview(file.id);
    sendTyping(id, false);
    deliver(client);
  };
  const note = async () => {
    setNoteState({ isBusy: true, error: null });
    try {
      // What is typed from now on is another note.
      clearDraft(id, "note");
      await actions.addNote(id, text.trim());
      setNoteState({ isBusy: false, error: null });
    } catch (error) {
      const since = draftOf(id, "note")?.text ?? "";
      writeDraft(id, "note", { text: since === "" ? text : `${text}\n${since}` }, newest);
      setNoteState({ isBusy: false, error });
    }
  };
  const send = () => {
    if (!maySend) return;
    if (mode === "note") void note();
    else reply();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.currentTarget.blur();
    }
    if (event.key !== "Enter" || !isSending(event, enterSends)) return;
    event.preventDefault();
    send();
  };
  return {
    conversationId: id,
    draft,
    text,
    setText,
    files,
    uploads: own,
    isUploading,
    most,
    quickReplies,
    setQuickReplies,
    sendCards: (products: readonly Product[]) => {
      const cards = products.map((product) => ({
        id: product.id,
        title: product.name,
        subtitle: money(product.price, product.currency),
        image_url: product.image_url ?? null,
      }));
      enqueueCards(id, cards);
      deliver(client);
    },
    mayReply,
    maySend,
    isBusy: noteState.isBusy,
    noteError: mode === "note" ? noteState.error : null,
    send,
    onKeyDown,
    /** The writer looks elsewhere. */
    rest: () => sendTyping(id, false),
    addFiles: (added: Iterable<File>) => {
      if (mayReply) addFiles(id, platform, added, newest);
    },
    retryUpload: (upload: UploadState) => retryUpload(upload, newest),
    removeFile: (file: DraftFile) => {
      forgetPreview(file.id);
      writeDraft(id, "reply", { files: files.filter((one) => one.id !== file.id) }, newest);
    },
  };
}

export type ComposerState = ReturnType<typeof useComposer>;

/** Whether this Enter sends. On a touch keyboard Enter is the only way to a new line. */
export function isSending(
  event: Pick<KeyboardEvent, "shiftKey" | "altKey" | "ctrlKey" | "metaKey">,
  enterSends: boolean,
  isTouch = matchMedia("(pointer: coarse)").matches,
): boolean {
  if (event.shiftKey || event.altKey) return false;
  return event.ctrlKey || event.metaKey || (enterSends && !isTouch);
}
