import { SearchOutlined } from "@ant-design/icons";
import { type Ref, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { isComposing } from "@/shared/keys";
import { LONGEST_SEARCH, withChoice } from "../data/wanted";

const CALM_MS = 250;

/** Looks for names and messages a moment after the last key. */
export function Search({ ref, onDown }: { ref: Ref<HTMLInputElement>; onDown: () => void }) {
  const { t } = useTranslation("inbox");
  const [params, setParams] = useSearchParams();
  const asked = params.get("q") ?? "";
  const [text, setText] = useState(asked);
  const told = useRef(asked);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // The address as it is when the timer ends: a filter may have been chosen meanwhile.
  const put = useRef(setParams);
  put.current = setParams;

  // Somebody else changed the address: "clear filters", or the browser's Back.
  useEffect(() => {
    if (asked === told.current) return;
    told.current = asked;
    setText(asked);
  }, [asked]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const ask = (value: string) => {
    clearTimeout(timer.current);
    told.current = value.trim();
    put.current((now) => withChoice(now, "q", value.trim()), { replace: true });
  };
  const change = (value: string) => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => ask(value), CALM_MS);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: the oldest browsers we serve do not know the search element
    <div className="in-search" role="search">
      <SearchOutlined aria-hidden="true" />
      <input
        ref={ref}
        type="search"
        className="in-search-field"
        aria-label={t("list.search")}
        placeholder={t("list.searchShort")}
        value={text}
        maxLength={LONGEST_SEARCH}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !isComposing(event.nativeEvent)) ask(text);
          if (event.key === "ArrowDown") {
            event.preventDefault();
            onDown();
          }
          if (event.key !== "Escape") return;
          event.preventDefault();
          if (text === "") event.currentTarget.blur();
          else {
            setText("");
            ask("");
          }
        }}
      />
    </div>
  );
}
