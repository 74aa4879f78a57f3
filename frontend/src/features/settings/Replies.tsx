import { DeleteOutlined, EditOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SavedReply } from "@/api/gen/model";
import { createSavedReply, deleteSavedReply } from "@/api/gen/saved-replies/saved-replies";
import { savedRepliesQuery } from "@/api/queries";
import { focusNear } from "@/shared/focusNear";
import { errorText } from "@/shared/i18n/errors";
import { useRights } from "@/shared/rights";
import { Button, EmptyState, ErrorState, Loading, Skeleton, toast } from "@/shared/ui";
import { ReplyDialog } from "./ReplyDialog";

export function Replies() {
  const { t } = useTranslation("settings");
  const { works } = useRights();
  const [open, setOpen] = useState<SavedReply | "new" | null>(null);
  const { data, error, refetch } = useQuery(savedRepliesQuery);
  const add = works && (
    <Button look="primary" onClick={() => setOpen("new")}>
      {t("replies.add")}
    </Button>
  );
  return (
    <>
      <div className="cd-part-head">
        <p>{works ? t("replies.intro") : t("viewer")}</p>
        {data !== undefined && data.length > 0 && add}
      </div>
      {data === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Waiting />}
      {data?.length === 0 && (
        <EmptyState title={t("replies.empty")} text={t("replies.emptyText")} action={add} />
      )}
      {data !== undefined && data.length > 0 && (
        <ul className="cd-rows" aria-label={t("replies.listLabel")}>
          {data.map((reply) => (
            <Reply key={reply.id} reply={reply} onEdit={() => setOpen(reply)} />
          ))}
        </ul>
      )}
      {open !== null && <ReplyDialog known={open === "new" ? null : open} onClose={() => setOpen(null)} />}
    </>
  );
}

function Reply({ reply, onEdit }: { reply: SavedReply; onEdit: () => void }) {
  const { t } = useTranslation("settings");
  const { works } = useRights();
  const item = useRef<HTMLLIElement>(null);
  const remove = useReplyRemoval(() => focusNear(item.current));
  const { shortcut, text } = reply;
  return (
    <li ref={item} className="cd-rows-item">
      <div className="cd-rows-words">
        <strong>
          <bdi>/{shortcut}</bdi>
        </strong>
        <p className="settings-text">
          <bdi>{text}</bdi>
        </p>
      </div>
      {works && (
        <div className="cd-row">
          <Button
            look="plain"
            icon={<EditOutlined aria-hidden="true" />}
            label={t("replies.editNamed", { shortcut })}
            onClick={onEdit}
          />
          <Button
            look="plain"
            icon={<DeleteOutlined aria-hidden="true" />}
            label={t("replies.deleteNamed", { shortcut })}
            busy={remove.isPending}
            onClick={() => remove.mutate(reply)}
          />
        </div>
      )}
    </li>
  );
}

/** Removes a saved reply at once. The way back makes it anew, under another id. */
function useReplyRemoval(onGoing: () => void) {
  const { t } = useTranslation("settings");
  const client = useQueryClient();
  const again = () => void client.invalidateQueries({ queryKey: savedRepliesQuery.queryKey });
  const say = (error: unknown) => toast(errorText(error), { tone: "error" });
  const restore = useMutation({
    mutationFn: ({ shortcut, text }: SavedReply) => createSavedReply({ shortcut, text }),
    onError: say,
    onSettled: again,
  });
  return useMutation({
    mutationFn: ({ id }: SavedReply) => deleteSavedReply(id),
    onSuccess: (_, reply) => {
      onGoing();
      client.setQueryData(savedRepliesQuery.queryKey, (all) => all?.filter(({ id }) => id !== reply.id));
      toast(t("replies.removed", { shortcut: reply.shortcut }), { undo: () => restore.mutate(reply) });
    },
    onError: (error) => {
      say(error);
      again();
    },
  });
}

function Waiting() {
  return (
    <Loading>
      <div className="cd-stack">
        <Skeleton height={56} />
        <Skeleton height={56} />
        <Skeleton height={56} />
      </div>
    </Loading>
  );
}
