import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { errorText } from "@/shared/i18n/errors";
import { Skeleton } from "@/shared/ui";
import { searchFor } from "./rules";
import { usedEntriesQuery } from "./used";

/** The entries that an answer rests on, with the way to each; nothing when there are none. Words: the namespace "entry". */
export function UsedEntries({ ids, heading: Heading, className }: UsedEntriesProps) {
  const { t } = useTranslation("entry");
  if (ids.length === 0) return null;
  return (
    <>
      <Heading className="cd-field-hint">{t("used.title")}</Heading>
      <Entries ids={ids} className={className} />
    </>
  );
}

interface UsedEntriesProps {
  ids: readonly string[];
  heading: "h4" | "p";
  /** Of the list. */
  className: string;
}

function Entries({ ids, className }: { ids: readonly string[]; className: string }) {
  const { t } = useTranslation("entry");
  const { data, error } = useQuery(usedEntriesQuery(ids));
  if (data === undefined) {
    return error === null ? <Skeleton width={200} /> : <p className="cd-field-hint">{errorText(error)}</p>;
  }
  return (
    <ul className={className}>
      {ids.map((id) => {
        const entry = data.find((one) => one.id === id);
        if (entry === undefined) return <li key={id}>{t("used.gone")}</li>;
        return (
          <li key={id}>
            <Link to={`/knowledge?q=${encodeURIComponent(searchFor(entry.title))}`}>
              <bdi>{entry.title}</bdi>
            </Link>
            <span className="cd-field-hint">{t(`kind.${entry.kind}`)}</span>
          </li>
        );
      })}
    </ul>
  );
}
