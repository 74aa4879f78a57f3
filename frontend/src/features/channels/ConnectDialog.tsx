import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/error";
import type { Channel, Platform } from "@/api/gen/model";
import { channelsQuery } from "@/api/queries";
import { putChannel } from "@/realtime/channels";
import { useFieldErrors } from "@/shared/form";
import { fieldErrors } from "@/shared/i18n/errors";
import { Button, Dialog, ErrorNote, SelectField, TextField, toast } from "@/shared/ui";
import { connectPage } from "./connecting";
import { TokenHelp } from "./TokenHelp";

type Login = "instagram" | "facebook";

/** Connects a page or account, or one that is known anew. The token is kept nowhere in the browser. */
export function ConnectDialog({ platform, known, isOnlyWay, onClose }: ConnectDialogProps) {
  const { t } = useTranslation(["channels", "common"]);
  const client = useQueryClient();
  const formId = useId();
  const [pageId, setPageId] = useState(known?.platform_page_id ?? "");
  const [token, setToken] = useState("");
  const [login, setLogin] = useState<Login>("instagram");
  const fields = useFieldErrors();

  const connect = useMutation({
    mutationFn: () => {
      const wish = { page_id: pageId.trim(), access_token: token.trim() };
      return connectPage(platform, platform === "facebook" ? wish : { ...wish, login });
    },
    onSuccess: (channel) => {
      putChannel(client, channel);
      void client.invalidateQueries({ queryKey: channelsQuery.queryKey });
      toast(t("channels:connected", { name: channel.page_name }));
      onClose();
    },
    onError: (error) => {
      const code = error instanceof ApiError ? error.code : "";
      if (code === "page_taken") fields.show({ page_id: t("channels:problems.page_taken") });
      else if (code === "token_rejected")
        fields.show({ access_token: t("channels:problems.token_rejected") });
      else fields.show(fieldErrors(error));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const problems = {
      ...(/^\d{1,64}$/.test(pageId.trim()) ? {} : { page_id: t("channels:problems.page_id") }),
      ...(token.trim() === "" ? { access_token: t("channels:problems.access_token") } : {}),
    };
    if (!fields.show(problems) && !connect.isPending) connect.mutate();
  };
  const isFacebook = platform === "facebook";
  const title = isFacebook ? t("channels:form.facebookTitle") : t("channels:form.instagramTitle");
  return (
    <Dialog
      title={known === null ? title : t("channels:form.reconnectTitle", { name: known.page_name })}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button type="submit" form={formId} look="primary" busy={connect.isPending}>
            {connect.isPending ? t("channels:form.checking") : t("channels:form.submit")}
          </Button>
        </>
      }
    >
      <form id={formId} ref={fields.form} className="cd-stack" noValidate onSubmit={submit}>
        {isOnlyWay && <div className="cd-alert">{t("channels:form.onlyWay")}</div>}
        <TextField
          label={isFacebook ? t("channels:form.pageId") : t("channels:form.accountId")}
          hint={isFacebook ? t("channels:form.pageIdHint") : t("channels:form.accountIdHint")}
          error={fields.errors.page_id}
          value={pageId}
          inputMode="numeric"
          autoComplete="off"
          required
          readOnly={known !== null}
          onChange={(event) => {
            setPageId(event.target.value);
            fields.clear("page_id");
          }}
        />
        {!isFacebook && (
          <SelectField
            label={t("channels:form.login")}
            error={fields.errors.login}
            value={login}
            options={[
              { value: "instagram", label: t("channels:form.logins.instagram") },
              { value: "facebook", label: t("channels:form.logins.facebook") },
            ]}
            onChange={(event) => setLogin(event.target.value === "facebook" ? "facebook" : "instagram")}
          />
        )}
        <TextField
          type="password"
          label={t("channels:form.token")}
          hint={t("channels:form.tokenHint")}
          error={fields.errors.access_token}
          value={token}
          // A password manager would keep it as if it were the login's.
          autoComplete="off"
          data-1p-ignore
          spellCheck={false}
          required
          onChange={(event) => {
            setToken(event.target.value);
            fields.clear("access_token");
          }}
        />
        <TokenHelp platform={platform} />
        {connect.isError && Object.keys(fields.errors).length === 0 && <ErrorNote error={connect.error} />}
      </form>
    </Dialog>
  );
}

interface ConnectDialogProps {
  platform: Platform;
  /** The channel to connect anew. */
  known: Channel | null;
  /** This installation has no login at Meta. */
  isOnlyWay: boolean;
  onClose: () => void;
}
