import { FileOutlined, LinkOutlined } from "@ant-design/icons";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Attachment } from "@/api/gen/model";
import { safeUrl } from "@/shared/text";
import { VisuallyHidden } from "@/shared/ui";
import { kindWord } from "../words";

const Lightbox = lazy(() => import("./Lightbox"));

/** Pictures, sounds, films and files of a message. Their room is reserved, so that nothing moves when they load. */
export function Attachments({ attachments }: { attachments: readonly Attachment[] }) {
  return attachments.map((attachment, index) => (
    // Attachments of a message never change places, and have no names of their own.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <One key={index} attachment={attachment} />
  ));
}

function One({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation(["inbox", "common"]);
  const [isGone, setGone] = useState(false);
  const url = safeUrl(attachment.url);
  const kind = kindWord(attachment.kind, t);
  if (url === null) return <FileCard kind={kind} title={attachment.title ?? null} href={null} />;
  if (isGone) return <p className="in-bubble in-bubble-quiet">{t("attachment.gone", { kind })}</p>;
  const broken = () => setGone(true);
  switch (attachment.kind) {
    case "image":
      return <Picture url={url} title={attachment.title ?? kind} kind={kind} onBroken={broken} />;
    case "sticker":
      return (
        <img
          className="in-sticker"
          src={url}
          alt={kind}
          loading="lazy"
          referrerPolicy="no-referrer"
          onError={broken}
        />
      );
    case "audio":
      return (
        // biome-ignore lint/a11y/useMediaCaption: nobody wrote captions for what a customer recorded
        <audio className="in-audio" src={url} controls preload="none" aria-label={kind} onError={broken} />
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
          onError={broken}
        />
      );
    default:
      return <FileCard kind={kind} title={attachment.title ?? null} href={url} />;
  }
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
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className="in-picture"
        aria-label={t("attachment.open", { kind })}
        onClick={() => setOpen(true)}
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
      {isOpen && (
        <Suspense fallback={null}>
          <Lightbox url={url} title={title} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** A file, a link, or something that only has a name. */
export function FileCard({ kind, title, href }: { kind: string; title: string | null; href: string | null }) {
  const { t } = useTranslation("inbox");
  const content = (
    <>
      {href === null ? <FileOutlined aria-hidden="true" /> : <LinkOutlined aria-hidden="true" />}
      <span className="in-file-text">
        <bdi className="in-file-name">{title || kind}</bdi>
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
