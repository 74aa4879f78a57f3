import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { ConversationCounts } from "@/api/gen/model";
import { channelsQuery, countsQuery, labelsQuery } from "@/api/queries";
import { setPane, usePreferences } from "@/shared/preferences";
import { Button, Tabs } from "@/shared/ui";
import { FILTERS, isNarrowed, type Wanted, withChoice } from "../data/wanted";
import { useStrip } from "./useStrip";

/** What the list is narrowed to, with how many there are. All of it stands in the address. */
export function Filters({ wanted }: { wanted: Wanted }) {
  const { t } = useTranslation("inbox");
  const [params, setParams] = useSearchParams();
  const counts = useQuery(countsQuery).data;
  const strip = useRef<HTMLFieldSetElement>(null);
  const { more, slide } = useStrip(strip, wanted.filter);
  // At once: until the address says so, the old choice would be shown again.
  const choose = (name: "filter" | "label" | "channel", value: string) =>
    setParams(withChoice(params, name, value), { replace: true, flushSync: true });
  return (
    <div className="in-filters">
      <div className="in-strip" data-more={more}>
        <Tabs
          ref={strip}
          legend={t("filter.legend")}
          value={wanted.filter}
          onChange={(filter) => choose("filter", filter)}
          tabs={FILTERS.map((filter) => ({
            value: filter,
            label: (
              <>
                {t(`filter.${filter}`)} <Count counts={counts} filter={filter} />
              </>
            ),
          }))}
        />
        {more.includes("start") && <Slide side="start" onSlide={() => slide(-1)} />}
        {more.includes("end") && <Slide side="end" onSlide={() => slide(1)} />}
      </div>
      <Narrowing
        wanted={wanted}
        choose={choose}
        onClear={() => setParams(new URLSearchParams(), { replace: true })}
      />
    </div>
  );
}

/** For a mouse only: a finger slides, and keys move among the choices. */
function Slide({ side, onSlide }: { side: "start" | "end"; onSlide: () => void }) {
  return (
    <button
      type="button"
      className={`in-slide in-slide-${side}`}
      tabIndex={-1}
      aria-hidden="true"
      onMouseDown={(event) => event.preventDefault()}
      onClick={onSlide}
    >
      {side === "start" ? <LeftOutlined /> : <RightOutlined />}
    </button>
  );
}

/** Its room is always there, so that nothing moves when the number changes. */
function Count({ counts, filter }: { counts: ConversationCounts | undefined; filter: Wanted["filter"] }) {
  if (filter === "all" || filter === "closed") return null;
  const count = counts?.[filter] ?? 0;
  return (
    <span className="in-count" title={count > 99 ? String(count) : undefined}>
      {count === 0 ? "" : count > 99 ? "99+" : count}
    </span>
  );
}

interface NarrowingProps {
  wanted: Wanted;
  choose: (name: "label" | "channel", value: string) => void;
  onClear: () => void;
}

const WAS_THERE = "inbox.narrowing";

function Narrowing({ wanted, choose, onClear }: NarrowingProps) {
  const { t } = useTranslation("inbox");
  const labelsAsked = useQuery(labelsQuery);
  const channelsAsked = useQuery(channelsQuery);
  const labels = labelsAsked.data ?? [];
  const channels = (channelsAsked.data ?? []).filter(({ is_active }) => is_active);
  const hasLabels = labels.length > 0 || wanted.label !== null;
  const hasChannels = channels.length > 1 || wanted.channel !== null;
  const isThere = hasLabels || hasChannels || isNarrowed(wanted);
  const isKnown = labelsAsked.isSuccess && channelsAsked.isSuccess;
  // The room is as it was the last time until it is known whether there is something to choose, and stays for this visit when there
  // is not: nothing below moves by itself.
  const [wasThere] = useState(() => usePreferences.getState().panes[WAS_THERE] !== 0);
  useEffect(() => {
    if (isKnown) setPane(WAS_THERE, isThere ? 1 : 0);
  }, [isKnown, isThere]);
  if (!isThere) return wasThere ? <div className="in-narrowing" /> : null;
  return (
    <div className="in-narrowing">
      {hasLabels && (
        <select
          className="in-select"
          aria-label={t("filter.label")}
          value={wanted.label ?? ""}
          onChange={(event) => choose("label", event.target.value)}
        >
          <option value="">{t("filter.anyLabel")}</option>
          {labels.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
      {hasChannels && (
        <select
          className="in-select"
          aria-label={t("filter.channel")}
          value={wanted.channel ?? ""}
          onChange={(event) => choose("channel", event.target.value)}
        >
          <option value="">{t("filter.anyChannel")}</option>
          {channels.map(({ id, page_name }) => (
            <option key={id} value={id}>
              {page_name}
            </option>
          ))}
        </select>
      )}
      {isNarrowed(wanted) && (
        <Button look="link" onClick={onClear}>
          {t("filter.clear")}
        </Button>
      )}
    </div>
  );
}
