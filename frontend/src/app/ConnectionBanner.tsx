import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { noticesQuery } from "@/api/notices";
import { useConnection } from "@/realtime/connection";
import { useOnline } from "@/shared/online";

/** A short break heals before anybody needs to know of it. */
const PATIENCE_MS = 2_000;

/** Says that what is on screen is not live at the moment. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const { phase, since } = useConnection();
  const broken = phase === "offline" || phase === "suspended";
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!broken) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), Math.max(0, PATIENCE_MS - (Date.now() - since)));
    return () => clearTimeout(timer);
  }, [broken, since]);
  const isExplained = useIsExplained(phase === "suspended");
  const offline = useOnline() ? t("connection.offline") : t("connection.noNetwork");
  return (
    <div role="status" className="app-banner-place">
      {broken && shown && !isExplained && (
        <p className="app-banner">{phase === "suspended" ? t("connection.suspended") : offline}</p>
      )}
    </div>
  );
}

/** Whether a notice says already why the business may have no socket. */
function useIsExplained(isSuspended: boolean): boolean {
  const { data } = useQuery({ ...noticesQuery, enabled: isSuspended });
  return isSuspended && (data?.some(({ kind }) => kind !== "visit") ?? false);
}
