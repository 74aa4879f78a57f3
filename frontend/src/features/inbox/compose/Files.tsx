import { CloseOutlined, FileOutlined, ReloadOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/gen/model";
import { focusNear } from "@/shared/focusNear";
import { errorText } from "@/shared/i18n/errors";
import { number } from "@/shared/money";
import { plainName } from "@/shared/text";
import { Button } from "@/shared/ui";
import { largest, sizeParts } from "../rules/files";
import { kindWord } from "../words";
import { previewOf, removeUpload, type UploadState } from "./uploads";
import type { ComposerState } from "./useComposer";

/** Where one goes on writing once the last file is gone. */
const TEXT = ".in-composer-text";

/** The files that go with the message: on their way, arrived, or refused with the reason. */
export function Files({ conversation, composer }: { conversation: Conversation; composer: ComposerState }) {
  const { t } = useTranslation(["inbox", "common"]);
  const { files, uploads } = composer;
  if (files.length === 0 && uploads.length === 0) return null;
  return (
    <ul className="in-files" aria-label={t("upload.list")}>
      {files.map((file) => (
        <li key={file.id} className="in-upload">
          <Thumb id={file.id} />
          <span className="in-upload-text">
            <bdi>{plainName(file.name)}</bdi>
            <small>
              {kindWord(file.kind, t)} · {sizeWord(file.size)}
            </small>
          </span>
          <Button
            look="plain"
            small
            label={t("upload.remove", { name: plainName(file.name) })}
            icon={<CloseOutlined aria-hidden="true" />}
            onClick={({ currentTarget }) => {
              focusNear(currentTarget.closest("li"), TEXT);
              composer.removeFile(file);
            }}
          />
        </li>
      ))}
      {uploads.map((upload) => (
        <Upload
          key={upload.id}
          upload={upload}
          conversation={conversation}
          onRetry={() => composer.retryUpload(upload)}
        />
      ))}
    </ul>
  );
}

interface UploadProps {
  upload: UploadState;
  conversation: Conversation;
  onRetry: () => void;
}

function Upload({ upload, conversation, onRetry }: UploadProps) {
  const { t } = useTranslation("inbox");
  const { id, file, kind, problem, error, progress } = upload;
  const name = plainName(file.name);
  const isRunning = problem === null && error === null;
  const most = largest(conversation.platform, kind) / (1024 * 1024);
  return (
    <li className={isRunning ? "in-upload" : "in-upload in-upload-bad"}>
      <Thumb id={id} />
      <span className="in-upload-text">
        <bdi>{name}</bdi>
        {isRunning && <progress value={progress} max={1} aria-label={t("upload.progress", { name })} />}
        {problem !== null && (
          <small role="alert">
            {problem === "too_large" ? t("upload.too_large", { most }) : t(`upload.${problem}`)}
          </small>
        )}
        {error !== null && (
          <small role="alert">
            {t("upload.failed")} {errorText(error)}
          </small>
        )}
      </span>
      {error !== null && (
        <Button
          look="plain"
          small
          label={t("upload.retry", { name })}
          icon={<ReloadOutlined aria-hidden="true" />}
          onClick={onRetry}
        />
      )}
      <Button
        look="plain"
        small
        label={isRunning ? t("upload.cancel", { name }) : t("upload.remove", { name })}
        icon={<CloseOutlined aria-hidden="true" />}
        onClick={({ currentTarget }) => {
          focusNear(currentTarget.closest("li"), TEXT);
          removeUpload(id);
        }}
      />
    </li>
  );
}

function Thumb({ id }: { id: string }) {
  const url = previewOf(id);
  if (url === null) return <FileOutlined aria-hidden="true" />;
  return <img className="in-thumb" src={url} alt="" width={36} height={36} />;
}

function sizeWord(bytes: number): string {
  const { value, unit } = sizeParts(bytes);
  return `${number(value, 1)} ${unit}`;
}
