import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { listAdminAudit } from "@/api/gen/admin/admin";
import { AuditFilters } from "@/shared/audit/Filters";
import { useAuditFilter } from "@/shared/audit/filter";
import { AuditList } from "@/shared/audit/List";
import { TextField } from "@/shared/ui/Field";
import { PageHead } from "@/shared/ui/PageHead";
import { auditQuery } from "./queries";

/** Who did what on the installation, or in one business. */
export function Audit() {
  const { t } = useTranslation(["console", "audit"]);
  const [params, setParams] = useSearchParams();
  const businessId = params.get("business_id") ?? "";
  const { filter, change } = useAuditFilter();
  const list = useInfiniteQuery(auditQuery(businessId, filter));
  const scope = businessId === "" ? {} : { business_id: businessId };
  return (
    <>
      <PageHead title={t("console:nav.audit")} />
      <form
        className="console-filters"
        onSubmit={(event) => {
          event.preventDefault();
          const id = String(new FormData(event.currentTarget).get("business_id") ?? "").trim();
          setParams(id === "" ? {} : { business_id: id }, { replace: true });
        }}
      >
        <TextField
          key={businessId}
          name="business_id"
          label={t("console:audit.tenant")}
          hint={t("console:audit.tenantHint")}
          defaultValue={businessId}
        />
      </form>
      <AuditFilters
        filter={filter}
        onChange={change}
        onExport={() => listAdminAudit({ ...scope, ...filter, export: "ndjson" }, NO_HURRY)}
      />
      <AuditList list={list} />
    </>
  );
}

/** The whole chain as a file may take a while. */
const NO_HURRY = { timeout: 0, responseType: "blob" } as const;
