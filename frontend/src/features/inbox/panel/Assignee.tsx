import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/gen/model";
import { membersQuery } from "@/api/queries";
import { useSession } from "@/api/session";
import { Button } from "@/shared/ui";
import { memberName, workers } from "../data/members";
import { useConversationActions } from "../useConversationActions";
import { PANEL_FIELDS } from "../useConversationKeys";
import { NotLoaded } from "./NotLoaded";

/** Who looks after the conversation. */
export function Assignee({ conversation, mayAct }: { conversation: Conversation; mayAct: boolean }) {
  const { t } = useTranslation("inbox");
  const { assign } = useConversationActions(conversation);
  const me = useSession((state) => state.user?.id ?? "");
  const asked = useQuery(membersQuery);
  const members = asked.data ?? [];
  const { assignee_id: assignee } = conversation;
  const isUnknown = assignee != null && !members.some(({ id }) => id === assignee);
  // Somebody has it, also while nobody's name is known.
  const unknown = asked.isSuccess ? t("formerColleague") : assignee === me ? t("you") : t("somebody");
  return (
    <section className="in-panel-part" aria-label={t("panel.assignee")}>
      <h3>
        <label htmlFor={PANEL_FIELDS.assign}>{t("panel.assignee")}</label>
      </h3>
      <div className="in-assignee">
        <select
          id={PANEL_FIELDS.assign}
          className="in-select"
          value={assignee ?? ""}
          disabled={!mayAct}
          onChange={(event) => assign(event.target.value || null)}
        >
          <option value="">{t("actions.unassigned")}</option>
          {isUnknown && <option value={assignee}>{unknown}</option>}
          {members
            .filter((one) => one.id === assignee || workers([one]).length > 0)
            .map(({ id }) => (
              <option key={id} value={id}>
                {memberName(members, id)}
                {id === me ? ` (${t("you")})` : ""}
              </option>
            ))}
        </select>
        {mayAct && assignee !== me && (
          <Button small onClick={() => assign(me)}>
            {t("actions.assignMe")}
          </Button>
        )}
      </div>
      <NotLoaded query={asked} text={t("panel.membersFailed")} />
    </section>
  );
}
