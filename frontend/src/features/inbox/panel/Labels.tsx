import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createLabel } from "@/api/gen/labels/labels";
import type { Conversation, Label, LabelColor } from "@/api/gen/model";
import { labelsQuery } from "@/api/queries";
import { focusNear } from "@/shared/focusNear";
import { isComposing } from "@/shared/keys";
import { matches } from "@/shared/text";
import { ErrorNote } from "@/shared/ui";
import { LabelChip } from "../marks";
import { useConversationActions } from "../useConversationActions";
import { PANEL_FIELDS } from "../useConversationKeys";
import { ColorPicker } from "./ColorPicker";
import { NotLoaded } from "./NotLoaded";

/** The most labels of a conversation, and the longest name, as on the server. */
const MOST = 20;
const LONGEST = 40;

/** The conversation's labels; a name that does not exist yet becomes a new one. */
export function Labels({ conversation, mayAct }: { conversation: Conversation; mayAct: boolean }) {
  const { t } = useTranslation("inbox");
  const { changeLabels } = useConversationActions(conversation);
  const { labels } = conversation;
  return (
    <section className="in-panel-part" aria-label={t("labels.title")}>
      <h3>{t("labels.title")}</h3>
      {labels.length === 0 && !mayAct && <p className="in-quiet">{t("labels.none")}</p>}
      {labels.length > 0 && (
        <ul className="in-labels">
          {labels.map((label) => (
            <li key={label.id}>
              <LabelChip label={label} />
              {mayAct && (
                <button
                  type="button"
                  className="in-label-remove"
                  aria-label={t("labels.remove", { name: label.name })}
                  onClick={({ currentTarget }) => {
                    focusNear(currentTarget.closest("li"), `#${PANEL_FIELDS.label}`);
                    changeLabels((now) => without(now, label));
                  }}
                >
                  <CloseOutlined aria-hidden="true" />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayAct && labels.length >= MOST && <p className="in-quiet">{t("labels.tooMany")}</p>}
      {mayAct && labels.length < MOST && (
        <Adder chosen={labels} onAdd={(label) => changeLabels((now) => [...without(now, label), label])} />
      )}
    </section>
  );
}

function without(labels: readonly Label[], label: Label): Label[] {
  return labels.filter(({ id }) => id !== label.id);
}

function Adder({ chosen, onAdd }: { chosen: readonly Label[]; onAdd: (label: Label) => void }) {
  const { t } = useTranslation("inbox");
  const client = useQueryClient();
  const asked = useQuery(labelsQuery);
  const all = asked.data ?? [];
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [color, setColor] = useState<LabelColor>("blue");
  const name = text.trim().replace(/\s+/gu, " ");
  const free = all.filter((label) => !chosen.some(({ id }) => id === label.id) && matches(label.name, name));
  const isNew = name !== "" && !all.some((label) => label.name.toLowerCase() === name.toLowerCase());

  const create = useMutation({
    mutationFn: () => createLabel({ name, color }),
    onSuccess: (label) => {
      client.setQueryData(labelsQuery.queryKey, (old) => old && [...without(old, label), label]);
      add(label);
    },
    onError: () => client.invalidateQueries({ queryKey: labelsQuery.queryKey }),
  });
  const add = (label: Label) => {
    onAdd(label);
    setText("");
    create.reset();
  };
  const enter = () => {
    const first = free[0];
    if (create.isPending) return;
    if (isNew) create.mutate();
    else if (first !== undefined && name !== "") add(first);
  };
  return (
    <fieldset
      className="in-label-adder"
      onFocus={() => setOpen(true)}
      onBlur={(event) => {
        const to = event.relatedTarget;
        if (!(to instanceof Node && event.currentTarget.contains(to))) setOpen(false);
      }}
    >
      <input
        id={PANEL_FIELDS.label}
        className="cd-input in-label-search"
        aria-label={t("labels.search")}
        placeholder={t("labels.add")}
        value={text}
        maxLength={LONGEST}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.preventDefault();
            event.currentTarget.blur();
          }
          if (event.key !== "Enter" || isComposing(event.nativeEvent)) return;
          event.preventDefault();
          enter();
        }}
      />
      {isOpen && (
        <div className="in-label-choices">
          {free.slice(0, 12).map((label) => (
            <button key={label.id} type="button" className="in-label-choice" onClick={() => add(label)}>
              <LabelChip label={label} />
            </button>
          ))}
          {asked.isSuccess && all.length === 0 && name === "" && (
            <p className="in-quiet">{t("labels.empty")}</p>
          )}
          {isNew && (
            <>
              <ColorPicker value={color} onChange={setColor} />
              <button type="button" className="in-label-choice in-label-create" onClick={enter}>
                <PlusOutlined aria-hidden="true" /> {t("labels.create", { name })}
              </button>
            </>
          )}
        </div>
      )}
      <NotLoaded query={asked} text={t("labels.failed")} />
      <ErrorNote error={create.error} />
    </fieldset>
  );
}
