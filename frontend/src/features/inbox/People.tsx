import { EditOutlined, EyeOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useShallow } from "zustand/react/shallow";
import { typingIn, usePeople, viewersOf } from "@/realtime/people";
import { meet, useNameOf } from "./data/members";

/** Colleagues who write or look here at this moment. Its room is always there, so that nothing jumps. */
export function People({ conversationId }: { conversationId: string }) {
  const { t, i18n } = useTranslation("inbox");
  const nameOf = useNameOf();
  const typing = usePeople(useShallow((people) => typingIn(people, conversationId)));
  const viewing = usePeople(useShallow((people) => viewersOf(people, conversationId)));
  const client = useQueryClient();
  useEffect(() => meet(client, [...typing, ...viewing]), [client, typing, viewing]);
  const names = (ids: readonly string[]) => {
    const format = new Intl.ListFormat(i18n.language, { type: "conjunction" });
    return format.format(ids.map((id) => nameOf(id) ?? t("somebody")));
  };
  return (
    <p className="in-people" role="status">
      {typing.length > 0 ? (
        <>
          <EditOutlined aria-hidden="true" />{" "}
          {t("thread.typing", { names: names(typing), count: typing.length })}
        </>
      ) : (
        viewing.length > 0 && (
          <>
            <EyeOutlined aria-hidden="true" />{" "}
            {t("thread.viewing", { names: names(viewing), count: viewing.length })}
          </>
        )
      )}
    </p>
  );
}
