import { useTranslation } from "react-i18next";
import type { Usage, UsageDay } from "@/api/gen/model";
import { money, number } from "@/shared/money";
import { date } from "@/shared/time";
import { Wide } from "./Wide";

/** The columns of what was used. */
export function UsageHead({ first }: { first: string }) {
  const { t } = useTranslation("console");
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        <th scope="col">{t("usage.calls")}</th>
        <th scope="col">{t("usage.prompt")}</th>
        <th scope="col">{t("usage.completion")}</th>
        <th scope="col">{t("usage.spend")}</th>
      </tr>
    </thead>
  );
}

export function UsageCells({ usage }: { usage: Usage }) {
  return (
    <>
      <td>{number(usage.calls)}</td>
      <td>{number(usage.prompt_tokens)}</td>
      <td>{number(usage.completion_tokens)}</td>
      <td>{usage.spend ? money(usage.spend.amount, usage.spend.currency) : "–"}</td>
    </>
  );
}

/** Use by UTC day, newest first. */
export function Days({ days }: { days: readonly UsageDay[] }) {
  const { t } = useTranslation("console");
  if (days.length === 0) return <p>{t("usage.none")}</p>;
  return (
    <Wide label={t("usage.byDay")}>
      <UsageHead first={t("usage.day")} />
      <tbody>
        {days.toReversed().map((day) => (
          <tr key={day.day}>
            <th scope="row">{date(day.day, "UTC")}</th>
            <UsageCells usage={day} />
          </tr>
        ))}
      </tbody>
    </Wide>
  );
}
