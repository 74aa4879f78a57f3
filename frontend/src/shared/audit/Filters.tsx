import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { errorText } from "@/shared/i18n/errors";
import { saveFile } from "@/shared/saveFile";
import { dayOf } from "@/shared/time";
import { Button } from "@/shared/ui/Button";
import { SelectField, TextField } from "@/shared/ui/Field";
import { toast } from "@/shared/ui/toast";
import { type AuditFilter, lastDay } from "./filter";
import { ACTIONS, actionText } from "./words";
import "./audit.css";

/** What is looked for, and the way to take it along as a file. */
export function AuditFilters({ filter, onChange, onExport }: FiltersProps) {
  const { t } = useTranslation("audit");
  const save = useMutation({
    mutationFn: onExport,
    onSuccess: (lines) => {
      if (lines instanceof Blob) saveFile(`audit-${dayOf(Date.now())}.ndjson`, lines);
    },
    onError: (error) => toast(errorText(error), { tone: "error" }),
  });
  return (
    <div className="audit-filters">
      <SelectField
        label={t("filter.action")}
        value={filter.action ?? ""}
        options={[
          { value: "", label: t("filter.all") },
          ...ACTIONS.map((one) => ({ value: one, label: actionText(t, one) })),
        ]}
        onChange={({ target }) => onChange("action", target.value)}
      />
      <TextField
        type="date"
        label={t("filter.from")}
        value={filter.from?.slice(0, 10) ?? ""}
        onChange={({ target }) => onChange("from", target.value)}
      />
      <TextField
        type="date"
        label={t("filter.to")}
        value={lastDay(filter)}
        onChange={({ target }) => onChange("to", target.value)}
      />
      <Button busy={save.isPending} onClick={() => save.mutate()}>
        {t("filter.export")}
      </Button>
    </div>
  );
}

interface FiltersProps {
  filter: AuditFilter;
  onChange: (name: "action" | "from" | "to", value: string) => void;
  /** Reads everything that fits, as a file of lines of JSON. */
  onExport: () => Promise<unknown>;
}
