import { type ComponentProps, type ComponentType, lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { TotpSecret as Secret } from "@/api/gen/model";
import { takeFocus } from "./takeFocus";
import { Loading, Skeleton } from "./ui/states";

type QrCodeProps = ComponentProps<typeof import("./ant/QrCode").QrCode>;

/** Few ever see one, and it is heavy. Where it does not come, the key can still be typed. */
const QrCode = lazy(async (): Promise<{ default: ComponentType<QrCodeProps> }> => {
  try {
    return { default: (await import("./ant/QrCode")).QrCode };
  } catch {
    return { default: () => null };
  }
});

/** What an authenticator app needs: for its camera, and to be typed. */
export function TotpSecret({ secret }: { secret: Secret }) {
  const { t } = useTranslation("access");
  return (
    <div className="cd-stack">
      <p ref={takeFocus} tabIndex={-1}>
        {t("totp.scan")}
      </p>
      <Suspense
        fallback={
          <Loading>
            <Skeleton width={200} height={200} />
          </Loading>
        }
      >
        <QrCode text={secret.uri} label={t("totp.qr")} />
      </Suspense>
      <p>
        {t("totp.type")} <code className="cd-secret">{secret.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
      </p>
    </div>
  );
}
