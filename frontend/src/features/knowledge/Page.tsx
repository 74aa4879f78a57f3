import { PlusOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createEntry, updateEntry } from "@/api/gen/entries/entries";
import type { Entry } from "@/api/gen/model";
import { AssistantNav } from "@/shared/AssistantNav";
import { EntryDialog } from "@/shared/entry/EntryDialog";
import { ENTRY_KINDS } from "@/shared/entry/rules";
import { useRights } from "@/shared/rights";
import { Button, PageHead, toast } from "@/shared/ui";
import { Filters } from "./Filters";
import { useEntryFilter } from "./filter";
import { List } from "./List";
import { putEntry, reloadEntries } from "./queries";
import "./knowledge.css";

/** What the assistant knows beside the products: questions with answers, policies, other words for the same thing. */
export function Component() {
  const { t } = useTranslation("knowledge");
  const { manages } = useRights();
  const { filter, isFiltered, setFilter } = useEntryFilter();
  const client = useQueryClient();
  const [open, setOpen] = useState<Entry | "new" | null>(null);
  const add = manages && (
    <Button look="primary" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setOpen("new")}>
      {t("add")}
    </Button>
  );
  const onSaved = (entry: Entry) => {
    putEntry(client, entry);
    reloadEntries(client);
    const words = { title: entry.title };
    toast(open === "new" ? t("created", words) : t("changed", words));
  };
  return (
    <div className="cd-page know-page">
      <PageHead title={t("title")}>{add}</PageHead>
      <AssistantNav />
      <p className="know-intro">{manages ? t("intro") : `${t("intro")} ${t("viewer")}`}</p>
      <Filters filter={filter} onChange={setFilter} />
      <List
        filter={filter}
        isFiltered={isFiltered}
        add={add}
        onClear={() => setFilter({ q: "", kind: null })}
        onEdit={setOpen}
      />
      {open !== null && (
        <EntryDialog
          title={open === "new" ? t("newTitle") : t("editTitle")}
          kinds={ENTRY_KINDS}
          start={
            open === "new"
              ? { kind: filter.kind ?? "faq", title: "", body: "" }
              : { kind: open.kind, title: open.title, body: open.body }
          }
          draftName={`entry.${open === "new" ? "new" : open.id}`}
          save={(wish) => (open === "new" ? createEntry(wish) : updateEntry(open.id, wish))}
          onSaved={onSaved}
          onClose={() => setOpen(null)}
        />
      )}
    </div>
  );
}
