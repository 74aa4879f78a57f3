import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { RepliesState } from "./useReplies";

/** The saved replies that fit what is typed, above the text. The text keeps the focus. */
export function Replies({ replies }: { replies: RepliesState }) {
  const { t } = useTranslation("inbox");
  const { id, found, at, query, isEmpty } = replies;
  const active = found[at]?.id;
  useEffect(() => {
    if (active !== undefined)
      document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [id, active]);
  return (
    <div className="in-replies">
      {found.length === 0 && (
        <p className="in-replies-none" role="status">
          {isEmpty ? t("composer.noRepliesYet") : t("composer.noReplies", { q: query })}
        </p>
      )}
      <div id={id} role="listbox" aria-label={t("composer.replies")} tabIndex={-1}>
        {found.map((reply, index) => (
          // Keys arrive at the text, which names the active option.
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above
          <div
            key={reply.id}
            id={`${id}-${reply.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className="in-reply"
            onPointerMove={() => replies.point(index)}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => replies.choose(reply)}
          >
            <strong>/{reply.shortcut}</strong>
            <span className="in-reply-text">{reply.text}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
