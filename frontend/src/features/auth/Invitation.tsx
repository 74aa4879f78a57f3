import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { logout } from "@/api/auth";
import { ApiError } from "@/api/error";
import type { InvitationOffer } from "@/api/gen/model";
import { acceptInvitation, lookAtInvitation } from "@/api/gen/team/team";
import { started } from "@/api/renew";
import { useSession } from "@/api/session";
import { isLongEnough } from "@/shared/login";
import { forgetMailToken, mailToken } from "@/shared/mailToken";
import { date } from "@/shared/time";
import { Button } from "@/shared/ui/Button";
import { TextField } from "@/shared/ui/Field";
import { ErrorState, Loading, Skeleton } from "@/shared/ui/states";
import { AuthPage } from "./AuthPage";
import { Failure } from "./Failure";
import { PasswordField } from "./PasswordField";
import { field, secret, useAuthForm } from "./useAuthForm";

type State =
  | { kind: "asking" }
  | { kind: "open"; offer: InvitationOffer }
  | { kind: "over" }
  | { kind: "failed"; error: unknown };

/** Where the link of an invitation leads to. */
export function Component() {
  const { t } = useTranslation("access");
  const [token] = useState(mailToken);
  const phase = useSession((state) => state.phase);
  const [tries, setTries] = useState(0);
  const [state, setState] = useState<State>(token === null ? { kind: "over" } : { kind: "asking" });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another try asks again
  useEffect(() => {
    // Not before it is known who is here: a request may not meet a session that is being taken up.
    if (token === null || phase === "unknown") return;
    let isOver = false;
    const tell = (told: State) => !isOver && setState(told);
    lookAtInvitation({ token }).then(
      (offer) => tell({ kind: "open", offer }),
      (error: unknown) => tell(isInvalid(error) ? { kind: "over" } : { kind: "failed", error }),
    );
    return () => {
      isOver = true;
    };
  }, [token, tries, phase === "unknown"]);
  return (
    <AuthPage title={t("invitation.title")}>
      {state.kind === "asking" && (
        <Loading>
          <Skeleton height={120} />
        </Loading>
      )}
      {state.kind === "failed" && <ErrorState error={state.error} onRetry={() => setTries(tries + 1)} />}
      {state.kind === "over" && <Over />}
      {state.kind === "open" && token !== null && (
        <Open offer={state.offer} token={token} onOver={() => setState({ kind: "over" })} />
      )}
    </AuthPage>
  );
}

function Over() {
  const { t } = useTranslation("access");
  return (
    <>
      <div className="cd-alert cd-tint-warning" role="alert">
        {t("invitation.over")}
      </div>
      <p className="auth-other">
        <Link to="/login">{t("reset.login")}</Link>
      </p>
    </>
  );
}

function Open({ offer, token, onOver }: { offer: InvitationOffer; token: string; onOver: () => void }) {
  const { t } = useTranslation(["access", "common"]);
  const isIn = useSession((state) => state.phase === "in");
  const who = useSession((state) => state.user?.email) ?? "";
  const [isJoining, setJoining] = useState(false);
  return (
    <>
      <p>
        {t("access:invitation.text", {
          name: offer.invited_by,
          business: offer.business_name,
          role: t(`common:roles.${offer.member_role}`),
        })}
      </p>
      <p className="cd-field-hint">{t("access:invitation.until", { date: date(offer.expires_at) })}</p>
      {isIn && !isJoining ? (
        <Leave email={who} />
      ) : (
        <Join offer={offer} token={token} onOver={onOver} onJoining={setJoining} />
      )}
    </>
  );
}

/** Accepting would take the place of whoever's session this browser has. */
function Leave({ email }: { email: string }) {
  const { t } = useTranslation(["access", "common"]);
  const [failure, setFailure] = useState<unknown>(null);
  return (
    <>
      <div className="cd-alert" role="status">
        {t("access:invitation.loggedIn", { email })}
      </div>
      <Failure failure={failure} wait={0} />
      <Button look="primary" block onClick={() => void logout().catch(setFailure)}>
        {t("common:account.logout")}
      </Button>
    </>
  );
}

interface JoinProps {
  offer: InvitationOffer;
  token: string;
  onOver: () => void;
  onJoining: (isJoining: boolean) => void;
}

function Join({ offer, token, onOver, onJoining }: JoinProps) {
  const { t } = useTranslation(["access", "auth"]);
  const navigate = useNavigate();
  const form = useAuthForm(
    (data) => (isLongEnough(secret(data, "password")) ? {} : { password: t("auth:shortPassword") }),
    async (data) => {
      const name = field(data, "name");
      onJoining(true);
      try {
        const wish = { token, password: secret(data, "password"), ...(name === "" ? {} : { name }) };
        const session = await acceptInvitation(wish);
        forgetMailToken();
        // Where somebody else was logged in before, the page starts anew: not with an invitation that is used up.
        window.history.replaceState(window.history.state, "", "/inbox");
        started(session);
        await navigate("/inbox", { replace: true });
      } catch (error) {
        onJoining(false);
        if (!isInvalid(error)) throw error;
        onOver();
      }
    },
  );
  return (
    <form className="cd-stack" onSubmit={form.submit} noValidate>
      <Failure failure={form.failure} wait={form.wait} />
      <TextField
        label={t("auth:field.email")}
        type="email"
        autoComplete="username"
        value={offer.email}
        readOnly
      />
      <TextField
        label={t("access:invitation.name")}
        name="name"
        autoComplete="name"
        maxLength={80}
        optional
        error={form.errors.name}
      />
      <PasswordField
        autoComplete="new-password"
        error={form.errors.password}
        hint={t("auth:field.passwordHint")}
      />
      <Button type="submit" look="primary" block busy={form.busy} disabled={form.wait > 0}>
        {t("access:invitation.submit")}
      </Button>
    </form>
  );
}

function isInvalid(error: unknown): boolean {
  return error instanceof ApiError && (error.code === "link_invalid" || error.status === 404);
}
