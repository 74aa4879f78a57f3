import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useState } from "react";
import type { Conversation, Message } from "@/api/gen/model";
import { sendTyping } from "@/realtime/live";
import { isComposing } from "@/shared/keys";
import { usePreferences } from "@/shared/preferences";
import { useActions } from "../data/actions";
import { LIMITS, NOTE_LIMIT, used } from "../rules/limits";
import { useChances, useChannel } from "../useChances";
import { deliver } from "./courier";
import { clearDraft, type DraftFile, draftKey, type Mode, useDrafts, writeDraft } from "./drafts";
import { enqueue } from "./outbox";
import { addFiles, retryUpload, type UploadState, uploadsIn, useUploads } from "./uploads";

interface Wish {
  conversation: Conversation;
  messages: readonly Message[];
  mode: Mode;
}

const NO_FILES: DraftFile[] = [];

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
  const limit = mode === "note" ? NOTE_LIMIT : LIMITS[platform];
  const isTooLong = used(text, limit) > limit.most;
  const isEmpty = text.trim() === "" && (mode === "note" || files.length === 0);
  const maySend =
    !isEmpty && !isTooLong && !noteState.isBusy && (mode === "note" || (mayReply && !isUploading));

  useEffect(() => () => sendTyping(id, false), [id]);

  const setText = (next: string) => {
    writeDraft(id, mode, { text: next }, newest);
    if (mode === "reply") sendTyping(id, next.trim() !== "");
  };
  const reply = () => {
    enqueue(id, text, files);
    clearDraft(id, "reply");
    sendTyping(id, false);
    deliver(client);
  };
  const note = async () => {
    setNoteState({ isBusy: true, error: null });
    try {
      await actions.addNote(id, text.trim());
      clearDraft(id, "note");
      setNoteState({ isBusy: false, error: null });
    } catch (error) {
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
    limit,
    mayReply,
    maySend,
    isBusy: noteState.isBusy,
    noteError: mode === "note" ? noteState.error : null,
    send,
    onKeyDown,
    /** The writer looks elsewhere. */
    rest: () => sendTyping(id, false),
    addFiles: (added: Iterable<File>) => addFiles(id, platform, added, newest),
    retryUpload: (upload: UploadState) => retryUpload(upload, newest),
    removeFile: (file: DraftFile) =>
      writeDraft(id, "reply", { files: files.filter((one) => one.id !== file.id) }, newest),
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
