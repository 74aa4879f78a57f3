import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, Outlet, useLocation } from "react-router";
import { restoreSession } from "@/api/renew";
import { useSession } from "@/api/session";
import { loginAddress, nextAddress } from "@/shared/next";
import { ErrorState, Loading, Skeleton } from "@/shared/ui/states";

/** For whoever is logged in; others go to the login page and come back here afterwards. */
export function SessionOnly() {
  const phase = useSession((state) => state.phase);
  const reason = useSession((state) => state.reason);
  const location = useLocation();
  if (phase === "unknown") return <Starting />;
  // Who leaves is done: whoever logs in next does not begin where they were.
  if (phase === "out") return <Navigate to={reason === "left" ? "/login" : loginAddress(location)} replace />;
  return <Outlet />;
}

/** For whoever is not; others go where they wanted to. */
export function GuestOnly() {
  const phase = useSession((state) => state.phase);
  const isAdmin = useSession((state) => state.user?.role === "admin");
  const { search } = useLocation();
  if (phase === "unknown") return <Starting />;
  if (phase === "in") return <Navigate to={nextAddress(search, isAdmin ? "/admin" : "/inbox")} replace />;
  return <Outlet />;
}

/** Until it is known who is here; says so when that cannot be found out. */
export function Starting() {
  const { t } = useTranslation();
  const error = useSession((state) => state.startError);
  if (error === null) return <FirstSkeleton />;
  return (
    <Centered>
      <h1 className="cd-hidden">{t("start.unreachable")}</h1>
      <ErrorState error={error} onRetry={() => void restoreSession()} />
    </Centered>
  );
}

/** What the frame of the app looks like before it is there. */
export function FirstSkeleton() {
  return (
    <main className="app-skeleton">
      <Loading>
        <Skeleton height={28} width="40%" />
        <Skeleton height={64} />
        <Skeleton height={64} />
        <Skeleton height={64} />
      </Loading>
    </main>
  );
}

export function Centered({ children }: { children: ReactNode }) {
  return <main className="app-centered">{children}</main>;
}
