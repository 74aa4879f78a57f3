import { FileOutlined, LinkOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Attachment, Message } from "@/api/gen/model";
import { locale } from "@/shared/money";
import { plainName, safeUrl } from "@/shared/text";
import { Button, Skeleton, VisuallyHidden } from "@/shared/ui";
import { kindWord } from "../words";
import { openAbove } from "./above";
import { freshen } from "./fresh";

/** Pictures, sounds, films and files of a message. Their room is reserved, so that nothing moves when they load. */
export function Attachments({ message }: { message: Message }) {
  return message.attachments.map((attachment, index) => (
    // Attachments of a message never change places, and have no names of their own.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <One key={index} attachment={attachment} message={message} />
  ));
}

function One({ attachment, message }: { attachment: Attachment; message: Message }) {
  const { t } = useTranslation(["inbox", "common"]);
  const { broken, isAsking, ask } = useFresh(message);
  const url = safeUrl(attachment.url);
  const kind = kindWord(attachment.kind, t);
  if (url === null) return <FileCard kind={kind} title={attachment.title ?? null} href={null} />;
  const low = kind.toLocaleLowerCase(locale());
  if (broken === url && isAsking) return <Asking kind={low} />;
  if (broken === url) {
    return (
      <p className="in-bubble in-bubble-quiet">
        {t("attachment.gone", { kind })}{" "}
        <Button look="link" onClick={() => ask(url, true)}>
          {t("attachment.again")}
        </Button>
      </p>
    );
  }
  const onBroken = () => ask(url);
  switch (attachment.kind) {
    // The story's own picture shows it.
    case "story_mention":
      return message.context?.is_story ? null : (
        <FileCard kind={kind} title={attachment.title ?? null} href={url} />
      );
    case "image":
      return (
        <Picture
          url={url}
          title={plainName(attachment.title ?? "") || kind}
          kind={kind}
          onBroken={onBroken}
        />
      );
    case "sticker":
      return (
        <img
          className="in-sticker"
          src={url}
          alt={kind}
          loading="lazy"
          referrerPolicy="no-referrer"
          onError={onBroken}
        />
      );
    case "audio":
      return (
        // biome-ignore lint/a11y/useMediaCaption: nobody wrote captions for what a customer recorded
        <audio className="in-audio" src={url} controls preload="none" aria-label={kind} onError={onBroken} />
      );
    case "video":
      return (
        // biome-ignore lint/a11y/useMediaCaption: see above
        <video
          className="in-video"
          src={url}
          controls
          preload="metadata"
          aria-label={kind}
          onError={onBroken}
        />
      );
    default:
      return <FileCard kind={kind} title={attachment.title ?? null} href={url} />;
  }
}

/** Meta's addresses end after a while: which one did, and where the file is now. */
function useFresh(message: Message) {
  const client = useQueryClient();
  const [broken, setBroken] = useState<string | null>(null);
  const [isAsking, setAsking] = useState(false);
  const ask = (url: string, isWanted = false) => {
    setBroken(url);
    setAsking(true);
    void freshen(client, message, isWanted).then(() => setAsking(false));
  };
  return { broken, isAsking, ask };
}

function Asking({ kind }: { kind: string }) {
  const { t } = useTranslation("inbox");
  return (
    <div className="in-asking">
      <VisuallyHidden>{t("attachment.asking", { kind })}</VisuallyHidden>
      <Skeleton width={240} height={180} />
    </div>
  );
}

function Picture({
  url,
  title,
  kind,
  onBroken,
}: {
  url: string;
  title: string;
  kind: string;
  onBroken: () => void;
}) {
  const { t } = useTranslation("inbox");
  return (
    <button
      type="button"
      className="in-picture"
      aria-label={t("attachment.open", { kind: kind.toLocaleLowerCase(locale()) })}
      onClick={() => openAbove({ kind: "picture", url, title })}
    >
      <img
        src={url}
        alt=""
        width={240}
        height={180}
        loading="lazy"
        referrerPolicy="no-referrer"
        onError={onBroken}
      />
    </button>
  );
}

/** A file, a link, or something that only has a name. */
export function FileCard({ kind, title, href }: { kind: string; title: string | null; href: string | null }) {
  const { t } = useTranslation("inbox");
  const content = (
    <>
      {href === null ? <FileOutlined aria-hidden="true" /> : <LinkOutlined aria-hidden="true" />}
      <span className="in-file-text">
        <bdi className="in-file-name">{plainName(title ?? "") || kind}</bdi>
        {title && <small>{kind}</small>}
      </span>
      {href !== null && <VisuallyHidden>({t("attachment.newTab")})</VisuallyHidden>}
    </>
  );
  if (href === null) return <span className="in-file">{content}</span>;
  return (
    <a className="in-file" href={href} target="_blank" rel="noopener noreferrer nofollow">
      {content}
    </a>
  );
}
