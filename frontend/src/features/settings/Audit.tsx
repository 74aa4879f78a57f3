import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { listAudit } from "@/api/gen/audit/audit";
import { AuditFilters } from "@/shared/audit/Filters";
import { useAuditFilter } from "@/shared/audit/filter";
import { AuditList } from "@/shared/audit/List";
import { auditQuery } from "./queries";

/** Who did what in the shop. */
export function Audit() {
  const { t } = useTranslation("settings");
  const { filter, change } = useAuditFilter();
  const list = useInfiniteQuery(auditQuery(filter));
  return (
    <>
      <div className="cd-part-head">
        <p>{t("audit.intro")}</p>
      </div>
      <AuditFilters
        filter={filter}
        onChange={change}
        // All of it may take a while.
        onExport={() => listAudit({ ...filter, export: "ndjson" }, { timeout: 0, responseType: "blob" })}
      />
      <AuditList list={list} />
    </>
  );
}
