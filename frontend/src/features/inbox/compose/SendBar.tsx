import {
  EllipsisOutlined,
  MessageOutlined,
  PaperClipOutlined,
  SendOutlined,
  ShoppingOutlined,
} from "@ant-design/icons";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Platform } from "@/api/gen/model";
import { keepFocus } from "@/shared/keepFocus";
import { usePreferences } from "@/shared/preferences";
import { Button, Menu } from "@/shared/ui";
import { acceptOf } from "../rules/files";
import type { Mode } from "./drafts";
import type { ComposerState } from "./useComposer";

interface Props {
  composer: ComposerState;
  mode: Mode;
  platform: Platform;
  onReplies: () => void;
  onCards: () => void;
  onQuick: () => void;
  onSend: () => void;
}

/** Attach, insert, send. */
export function SendBar({ composer, mode, platform, onReplies, onCards, onQuick, onSend }: Props) {
  const { t } = useTranslation("inbox");
  const picker = useRef<HTMLInputElement>(null);
  const enterSends = usePreferences((state) => state.enterSends);
  const isNote = mode === "note";
  const hint =
    composer.isUploading && !isNote
      ? t("composer.waitUpload")
      : enterSends
        ? t("composer.enterHint")
        : t("composer.modEnterHint");
  return (
    <div className="in-sendbar">
      {!isNote && (
        <>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            accept={acceptOf(platform)}
            aria-label={t("composer.attach")}
            onChange={(event) => {
              composer.addFiles(Array.from(event.target.files ?? []));
              // The same file may be chosen once more.
              event.target.value = "";
            }}
          />
          <Button
            look="plain"
            label={t("composer.attach")}
            disabled={!composer.mayReply}
            icon={<PaperClipOutlined aria-hidden="true" />}
            onClick={() => picker.current?.click()}
          />
          <Button
            look="plain"
            label={t("composer.insertReply")}
            disabled={!composer.mayReply}
            icon={<MessageOutlined aria-hidden="true" />}
            // The text keeps the focus, and with it the place where the reply goes.
            onMouseDown={keepFocus}
            onClick={onReplies}
          />
          <Button
            look="plain"
            label={t("composer.cards")}
            disabled={!composer.mayReply}
            icon={<ShoppingOutlined aria-hidden="true" />}
            onClick={onCards}
          />
        </>
      )}
      <span className="in-sendbar-hint">{(isNote || composer.mayReply) && hint}</span>
      <Menu
        button={{
          look: "plain",
          label: t("composer.sendWith"),
          icon: <EllipsisOutlined aria-hidden="true" />,
        }}
        side="above"
        align="end"
        entries={[
          ...(isNote
            ? []
            : [
                {
                  key: "quick",
                  label: t("composer.addQuick"),
                  disabled: !composer.mayReply,
                  onSelect: onQuick,
                },
                { key: "after-quick", divider: true as const },
              ]),
          {
            key: "enter",
            label: t("composer.sendWithEnter"),
            checked: enterSends,
            onSelect: () => usePreferences.setState({ enterSends: true }),
          },
          {
            key: "mod",
            label: t("composer.sendWithMod"),
            checked: !enterSends,
            onSelect: () => usePreferences.setState({ enterSends: false }),
          },
        ]}
      />
      <Button
        look="primary"
        className={isNote ? "in-save-note" : "in-send"}
        disabled={!composer.maySend}
        busy={composer.isBusy}
        // So that a phone's keyboard stays for the next message.
        onMouseDown={keepFocus}
        icon={<SendOutlined aria-hidden="true" />}
        onClick={onSend}
      >
        {isNote ? t("composer.saveNote") : t("composer.send")}
      </Button>
    </div>
  );
}
