import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cancelTenantDeletion, requestTenantDeletion } from "@/api/gen/privacy/privacy";
import { noticesQuery } from "@/api/notices";
import { useSession } from "@/api/session";
import { fieldErrors } from "@/shared/i18n/errors";
import { date } from "@/shared/time";
import { Button, Dialog, ErrorNote, ErrorState, Loading, Skeleton, TextField, toast } from "@/shared/ui";
import { deletionQuery } from "./queries";

export function Deletion() {
  const { t } = useTranslation("settings");
  const { data, error, refetch } = useQuery(deletionQuery);
  const [isAsking, setAsking] = useState(false);
  return (
    <section className="cd-card cd-stack" aria-labelledby="deletion-title">
      <h2 id="deletion-title">{t("deletion.title")}</h2>
      {data === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && (
        <Loading>
          <Skeleton height={44} />
        </Loading>
      )}
      {data?.delete_after && <Held at={data.delete_after} />}
      {data && !data.delete_after && (
        <>
          <p>{t("deletion.text")}</p>
          <div>
            <Button look="danger" onClick={() => setAsking(true)}>
              {t("deletion.open")}
            </Button>
          </div>
        </>
      )}
      {isAsking && <Ask onClose={() => setAsking(false)} />}
    </section>
  );
}

function useReadAgain() {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: deletionQuery.queryKey });
    void client.invalidateQueries({ queryKey: noticesQuery.queryKey });
  };
}

function Held({ at }: { at: string }) {
  const { t } = useTranslation("settings");
  const readAgain = useReadAgain();
  const cancel = useMutation({
    mutationFn: () => cancelTenantDeletion(),
    onSuccess: () => toast(t("deletion.canceled")),
    onSettled: readAgain,
  });
  return (
    <>
      <p className="cd-alert cd-tint-warning">{t("deletion.held", { date: date(at) })}</p>
      <ErrorNote error={cancel.error} />
      <div>
        <Button look="primary" busy={cancel.isPending} onClick={() => cancel.mutate()}>
          {t("deletion.cancel")}
        </Button>
      </div>
    </>
  );
}

function Ask({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["settings", "security", "common"]);
  const readAgain = useReadAgain();
  const name = useSession((state) => state.user?.business_name) ?? "";
  const [typed, setTyped] = useState("");
  const [password, setPassword] = useState("");
  const ask = useMutation({
    mutationFn: () => requestTenantDeletion({ password }),
    onSuccess: () => {
      readAgain();
      onClose();
    },
  });
  const errors = fieldErrors(ask.error);
  const isSure = typed.trim() === name.trim() && password !== "";
  return (
    <Dialog
      title={t("settings:deletion.askTitle", { name })}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button look="danger" disabled={!isSure} busy={ask.isPending} onClick={() => ask.mutate()}>
            {t("settings:deletion.submit")}
          </Button>
        </>
      }
    >
      <div className="cd-stack">
        <p>{t("settings:deletion.askText")}</p>
        <TextField
          label={t("settings:deletion.type", { name })}
          value={typed}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
        <TextField
          type="password"
          label={t("security:password.current")}
          value={password}
          error={errors.password}
          autoComplete="current-password"
          maxLength={256}
          required
          onChange={(event) => setPassword(event.target.value)}
        />
        {ask.isError && errors.password === undefined && <ErrorNote error={ask.error} />}
      </div>
    </Dialog>
  );
}
