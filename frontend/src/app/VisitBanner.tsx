import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { endVisit, visit } from "@/api/visit";
import { clock } from "@/shared/time";
import { Button } from "@/shared/ui/Button";

const SECOND = 1_000;

/** Reminds an admin where they are, why, and for how long; at the end it leads them out. */
export function VisitBanner() {
  const { t } = useTranslation("notices");
  const [visiting] = useState(visit);
  const [now, setNow] = useState(Date.now);
  const endsAt = visiting?.endsAt ?? null;
  useEffect(() => {
    if (endsAt === null) return;
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= endsAt) endVisit();
    }, SECOND);
    return () => clearInterval(timer);
  }, [endsAt]);
  if (visiting === null) return null;
  const left = Math.max(0, Math.ceil((visiting.endsAt - now) / SECOND));
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return (
    <section className="app-visit" aria-label={t("visit.label")}>
      <p>
        <strong>{t("visit.text", { name: visiting.businessName, until: clock(visiting.endsAt) })}</strong>{" "}
        {t("visit.reason", { reason: visiting.reason })}
      </p>
      <span aria-hidden="true">{time}</span>
      <Button small onClick={endVisit}>
        {t("visit.leave")}
      </Button>
    </section>
  );
}
