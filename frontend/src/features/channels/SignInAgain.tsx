import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Platform } from "@/api/gen/model";
import { Button, ButtonLink, ErrorNote } from "@/shared/ui";
import { ConnectDialog } from "./ConnectDialog";
import { isNotConfigured, useSignIn } from "./signIn";

/** Another try at Meta, or back to the channels. */
export function SignInAgain({ platform }: { platform: Platform | null }) {
  const { t } = useTranslation("channels");
  const [form, setForm] = useState<Platform | null>(null);
  const signIn = useSignIn((error, wish) => {
    if (isNotConfigured(error)) setForm(wish.platform);
  });
  const platforms: readonly Platform[] = platform === null ? ["facebook", "instagram"] : [platform];
  return (
    <>
      {signIn.isError && !isNotConfigured(signIn.error) && <ErrorNote error={signIn.error} />}
      <div className="cd-row channel-again">
        {platforms.map((one) => (
          <Button
            key={one}
            look={platform === null ? "default" : "primary"}
            busy={signIn.isPending && signIn.variables.platform === one}
            onClick={() => signIn.mutate({ platform: one, channel: null })}
          >
            {platform === null ? t(`connect.${one}`) : t("callback.again")}
          </Button>
        ))}
        <ButtonLink to="/channels">{t("callback.back")}</ButtonLink>
      </div>
      {form !== null && (
        <ConnectDialog platform={form} known={null} isOnlyWay onClose={() => setForm(null)} />
      )}
    </>
  );
}
