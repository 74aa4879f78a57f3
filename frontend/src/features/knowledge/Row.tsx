import { DeleteOutlined, EditOutlined } from "@ant-design/icons";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Entry } from "@/api/gen/model";
import { focusNear } from "@/shared/focusNear";
import { useRights } from "@/shared/rights";
import { date } from "@/shared/time";
import { Badge, Button } from "@/shared/ui";
import { useRemoval } from "./removal";

export function Row({ entry, onEdit }: { entry: Entry; onEdit: () => void }) {
  const { t } = useTranslation(["knowledge", "entry"]);
  const { manages } = useRights();
  const item = useRef<HTMLLIElement>(null);
  const removal = useRemoval(() => focusNear(item.current));
  const { kind, title, body } = entry;
  return (
    <li ref={item} className="know-row">
      <div className="know-words">
        <div className="cd-row">
          <Badge tone={kind === "faq" ? "info" : kind === "policy" ? "success" : "neutral"}>
            {t(`entry:kind.${kind}`)}
          </Badge>
          <Learned entry={entry} />
        </div>
        <h2 className="know-title">
          <bdi>{title}</bdi>
        </h2>
        <p className={kind === "synonym" ? "know-body know-synonym" : "know-body"}>
          <bdi>{body}</bdi>
        </p>
        <p className="cd-field-hint">{t("knowledge:changedAt", { when: date(entry.updated_at) })}</p>
      </div>
      {manages && (
        <div className="know-actions">
          <Button
            look="plain"
            icon={<EditOutlined aria-hidden="true" />}
            label={t("knowledge:editNamed", { title })}
            onClick={onEdit}
          />
          <Button
            look="plain"
            icon={<DeleteOutlined aria-hidden="true" />}
            label={t("knowledge:deleteNamed", { title })}
            busy={removal.isPending}
            onClick={() => removal.mutate(entry)}
          />
        </div>
      )}
    </li>
  );
}

/** Only what is not as it should be is worth a word. */
function Learned({ entry }: { entry: Entry }) {
  const { t } = useTranslation("knowledge");
  if (entry.embedding_status === "ready") return null;
  return entry.embedding_status === "pending" ? (
    <Badge tone="info" title={t("learningHint")}>
      {t("learning")}
    </Badge>
  ) : (
    <Badge tone="warning" title={t("unlearnedHint")}>
      {t("unlearned")}
    </Badge>
  );
}
