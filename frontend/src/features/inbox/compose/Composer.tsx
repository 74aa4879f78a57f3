import { type Ref, useImperativeHandle, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation, Message } from "@/api/gen/model";
import { NARROW, useMedia } from "@/shared/media";
import { useRights } from "@/shared/rights";
import { ErrorNote, Tabs } from "@/shared/ui";
import { contactName, shortName } from "../words";
import { Counter } from "./Counter";
import type { Mode } from "./drafts";
import { Files } from "./Files";
import { Notices } from "./Notices";
import { ProductPicker } from "./ProductPicker";
import { QuickReplies } from "./QuickReplies";
import { Replies } from "./Replies";
import { SendBar } from "./SendBar";
import { useComposer } from "./useComposer";
import { useReplies } from "./useReplies";

export interface ComposerHandle {
  focus: () => void;
  /** Takes a text in, behind what is written already. */
  take: (text: string) => void;
  addFiles: (files: Iterable<File>) => void;
}

interface Props {
  conversation: Conversation;
  messages: readonly Message[];
  mode: Mode;
  onMode: (mode: Mode) => void;
  ref: Ref<ComposerHandle>;
}

/** Where one writes to the customer, or a note to colleagues. */
export function Composer({ conversation, messages, mode, onMode, ref }: Props) {
  const { t } = useTranslation("inbox");
  const field = useRef<HTMLTextAreaElement>(null);
  const { works } = useRights();
  const isNarrow = useMedia(NARROW);
  const composer = useComposer({ conversation, messages, mode });
  const { text, setText, send, most } = composer;
  const [opened, setOpened] = useState<"cards" | "quick" | null>(null);
  const replies = useReplies({ conversation, field, text, setText, isOn: mode === "reply" });
  const name = contactName(conversation.contact, t);
  useImperativeHandle(ref, () => ({
    focus: () => field.current?.focus(),
    take: (taken) => {
      setText(text.trim() === "" ? taken : `${text}\n${taken}`);
      field.current?.focus();
    },
    addFiles: composer.addFiles,
  }));
  if (!works) return <p className="in-viewer">{t("composer.viewer")}</p>;
  const isNote = mode === "note";
  const [forNote, forReply] = isNarrow
    ? [t("composer.noteShort"), t("composer.replyShort")]
    : [t("composer.notePlaceholder"), t("composer.replyPlaceholder", { name: shortName(name) })];
  const placeholder = isNote ? forNote : composer.mayReply ? forReply : t("composer.cannotReply");
  return (
    <section
      className={isNote ? "in-composer in-composer-note" : "in-composer"}
      aria-label={t("composer.label")}
    >
      <Notices conversation={conversation} messages={messages} mode={mode} draft={composer.draft} />
      <div className="in-composer-top">
        <Tabs<Mode>
          legend={t("composer.mode")}
          value={mode}
          onChange={onMode}
          tabs={[
            { value: "reply", label: t("composer.reply") },
            { value: "note", label: t("composer.note") },
          ]}
        />
        <Counter text={text} most={most} platform={isNote ? null : conversation.platform} />
      </div>
      <div className="in-composer-field">
        {replies.isOpen && <Replies replies={replies} />}
        <textarea
          ref={field}
          className="in-composer-text"
          rows={1}
          dir="auto"
          aria-label={isNote ? t("composer.noteLabel") : t("composer.textLabel", { name })}
          placeholder={placeholder}
          value={text}
          readOnly={!isNote && !composer.mayReply}
          {...replies.aria}
          onChange={(event) => {
            setText(event.target.value);
            replies.look();
          }}
          onSelect={replies.look}
          onBlur={() => {
            composer.rest();
            replies.close();
          }}
          onPaste={(event) => {
            if (isNote || event.clipboardData.files.length === 0) return;
            event.preventDefault();
            composer.addFiles(event.clipboardData.files);
          }}
          onKeyDown={(event) => {
            if (replies.onKeyDown(event)) return;
            composer.onKeyDown(event);
          }}
        />
      </div>
      {!isNote && <Files conversation={conversation} composer={composer} />}
      {!isNote && (
        <QuickReplies
          titles={composer.quickReplies}
          onChange={composer.setQuickReplies}
          isOpen={opened === "quick" && composer.mayReply}
          onClose={() => {
            setOpened(null);
            field.current?.focus();
          }}
        />
      )}
      {opened === "cards" && (
        <ProductPicker
          onClose={() => setOpened(null)}
          onSend={(products) => {
            setOpened(null);
            composer.sendCards(products);
          }}
        />
      )}
      <ErrorNote error={composer.noteError} />
      <SendBar
        composer={composer}
        mode={mode}
        platform={conversation.platform}
        onReplies={replies.begin}
        onCards={() => setOpened("cards")}
        onQuick={() => setOpened("quick")}
        onSend={send}
      />
    </section>
  );
}
