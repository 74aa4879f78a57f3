import { DownloadOutlined, InboxOutlined } from "@ant-design/icons";
import { type DragEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { percent } from "@/shared/money";
import { saveFile } from "@/shared/saveFile";
import { Button, ErrorNote, SelectField } from "@/shared/ui";
import { template } from "./template";
import type { Intake, Update } from "./useIntake";

const UPDATES: Update[] = ["sku", "name", "none"];

/** The file, chosen or dropped, and what names a product that is there already. */
export function Choice({ intake, isCompact }: { intake: Intake; isCompact: boolean }) {
  const { t } = useTranslation(["imports", "common"]);
  const { chosen, isSending, sent } = intake;
  return (
    <section className="cd-card cd-stack" aria-label={t("imports:choose.title")}>
      <SelectField
        label={t("imports:update.label")}
        hint={t(`imports:update.${intake.update}Hint`)}
        value={intake.update}
        disabled={isSending}
        options={UPDATES.map((value) => ({ value, label: t(`imports:update.${value}`) }))}
        onChange={({ target }) => {
          const update = UPDATES.find((one) => one === target.value);
          if (update !== undefined) intake.setUpdate(update);
        }}
      />
      <Drop intake={intake} isCompact={isCompact} />
      {isSending && (
        <div className="imports-way">
          <progress aria-label={t("imports:sending")} {...(sent === null ? {} : { value: sent })} />
          <span>{t("imports:sendingFile", { name: chosen?.name ?? "", share: percent(sent ?? 0) })}</span>
          <Button small onClick={intake.stop}>
            {t("common:cancel")}
          </Button>
        </div>
      )}
      {intake.error !== null && (
        <div className="imports-way">
          <ErrorNote error={intake.error} />
          {chosen !== null && (
            <Button small onClick={() => intake.send(true)}>
              {t("common:retry")}
            </Button>
          )}
        </div>
      )}
      {!isCompact && (
        <div className="imports-help">
          <Button
            small
            icon={<DownloadOutlined aria-hidden="true" />}
            onClick={() => saveFile(`${t("imports:template.name")}.csv`, template())}
          >
            {t("imports:template.get")}
          </Button>
          <p className="cd-field-hint">{t("imports:template.text")}</p>
        </div>
      )}
    </section>
  );
}

function Drop({ intake, isCompact }: { intake: Intake; isCompact: boolean }) {
  const { t } = useTranslation("imports");
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  // Children that are passed on the way tell that the outer one is left.
  const [depth, setDepth] = useState(0);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setDepth(0);
    const file = event.dataTransfer.files[0];
    if (file !== undefined) intake.choose(file);
  };
  const classes = ["imports-drop", depth > 0 && "imports-drop-over", isCompact && "imports-drop-small"];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is only another way to what the button does
    <div
      className={classes.filter(Boolean).join(" ")}
      onDragEnter={() => setDepth((before) => before + 1)}
      onDragLeave={() => setDepth((before) => Math.max(0, before - 1))}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <InboxOutlined aria-hidden="true" />
      <p>{intake.chosen === null ? t("choose.text") : <bdi>{intake.chosen.name}</bdi>}</p>
      <Button
        look={isCompact ? "default" : "primary"}
        aria-describedby={intake.problem === null ? undefined : id}
        onClick={() => input.current?.click()}
      >
        {t(intake.chosen === null ? "choose.button" : "choose.other")}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t("choose.title")}
        accept=".csv,.tsv,.txt,.xlsx"
        onChange={({ target }) => {
          const file = target.files?.[0];
          if (file !== undefined) intake.choose(file);
          // The same file, mended, may be chosen again.
          target.value = "";
        }}
      />
      {intake.problem !== null && (
        <p className="cd-field-error" id={id} role="alert">
          {t(`problem.${intake.problem}`)}
        </p>
      )}
    </div>
  );
}
