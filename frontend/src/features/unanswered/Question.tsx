import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { isNotFound } from "@/api/error";
import { answerUnanswered } from "@/api/gen/assistant/assistant";
import { EntryDialog } from "@/shared/entry/EntryDialog";
import { asTitle, type EntryWish } from "@/shared/entry/rules";
import { focusNear } from "@/shared/focusNear";
import { reasonText } from "@/shared/reasons";
import { useRights } from "@/shared/rights";
import { clock, date } from "@/shared/time";
import { Badge, Button, ConfirmDialog, ErrorNote, toast } from "@/shared/ui";
import { useDismissal } from "./dismissal";
import { dropQuestion, reloadUnanswered, type Unanswered } from "./queries";

const KINDS = ["faq", "policy"] as const;

/** A question with its two ways out: an answer, or being forgotten. */
export function Question({ one }: { one: Unanswered }) {
  const { t } = useTranslation("unanswered");
  const { manages } = useRights();
  const [open, setOpen] = useState<"answer" | "dismiss" | null>(null);
  const item = useRef<HTMLLIElement>(null);
  const client = useQueryClient();
  const { question } = one;
  const goes = () => {
    focusNear(item.current);
    dropQuestion(client, one.id);
    reloadUnanswered(client);
  };
  const dismissal = useDismissal(one.id, goes);
  const teach = async (wish: EntryWish) => {
    try {
      return await answerUnanswered(one.id, wish);
    } catch (error) {
      // Its answer stays in the fields; the list tells what is left.
      if (isNotFound(error)) toast(t("gone"), { tone: "error" });
      throw error;
    }
  };
  return (
    <li ref={item} className="unans-row">
      <p className="unans-question">
        <bdi>{question}</bdi>
      </p>
      <p className="cd-row unans-facts">
        <Badge tone={one.asked_count > 1 ? "warning" : "neutral"}>
          {t("asked", { count: one.asked_count })}
        </Badge>
        <span>{reasonText(one.reason)}</span>
        <span>{t("last", { when: `${clock(one.last_asked_at)} ${date(one.last_asked_at)}` })}</span>
      </p>
      <div className="cd-row">
        {manages && (
          <>
            <Button
              look="primary"
              small
              aria-label={t("answerNamed", { question })}
              onClick={() => setOpen("answer")}
            >
              {t("answer")}
            </Button>
            <Button small aria-label={t("dismissNamed", { question })} onClick={() => setOpen("dismiss")}>
              {t("dismiss")}
            </Button>
          </>
        )}
        <Link to={`/inbox/${one.conversation_id}`} aria-label={t("openNamed", { question })}>
          {t("open")}
        </Link>
      </div>
      {open === "answer" && (
        <EntryDialog
          title={t("dialogTitle")}
          kinds={KINDS}
          start={{ kind: "faq", title: asTitle(question), body: "" }}
          draftName={`unanswered.${one.id}`}
          save={teach}
          onSaved={(entry) => {
            toast(t("taught", { title: entry.title }));
            void client.invalidateQueries({ queryKey: ["entries"] });
            goes();
          }}
          onClose={() => setOpen(null)}
        >
          <figure className="unans-quote">
            <figcaption>{t("customerAsked")}</figcaption>
            <bdi>{question}</bdi>
          </figure>
        </EntryDialog>
      )}
      {open === "dismiss" && (
        <ConfirmDialog
          title={t("dismissTitle")}
          text={t("dismissText")}
          confirm={t("dismiss")}
          danger
          busy={dismissal.isPending}
          onConfirm={() => dismissal.mutate()}
          onClose={() => setOpen(null)}
        >
          <ErrorNote error={dismissal.error} />
        </ConfirmDialog>
      )}
    </li>
  );
}
