import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ComponentType, lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, Outlet, useNavigation } from "react-router";
import { makeQueryClient } from "@/api/client";
import { useSession } from "@/api/session";
import "@/realtime/channels";
import { goLive } from "@/realtime/live";
import { loadWords } from "@/shared/i18n";
import { listenToKeys } from "@/shared/keys";
import { Toasts } from "@/shared/ui/toast";
import { ConnectionBanner } from "./ConnectionBanner";
import { useCourier } from "./courier";
import "./newsSound";
import { askAgainWhenBack } from "./query";
import { Rail } from "./Rail";
import { ShortcutSheet } from "./ShortcutSheet";
import "./shell.css";

/** The frame of every page behind the login. A session has a cache of its own, which goes when it ends. */
export function Component() {
  const [client] = useState(makeQueryClient);
  const user = useSession((state) => state.user);
  const businessId = user?.business_id ?? null;
  const isVisitor = user?.is_visitor ?? false;
  useEffect(() => {
    if (businessId === null) return;
    return isVisitor ? readAgain(client) : goLive(client, businessId);
  }, [client, businessId, isVisitor]);
  useEffect(() => () => client.clear(), [client]);
  useEffect(() => askAgainWhenBack(client), [client]);
  useCourier(client);
  useEffect(() => listenToKeys(), []);

  return (
    <QueryClientProvider client={client}>
      <div className="app-frame">
        {user?.role === "admin" ? <Navigate to="/admin" replace /> : <Frame />}
        <Toasts />
      </div>
    </QueryClientProvider>
  );
}

/** Most of the time they say nothing: no page waits for them, or fails without them. */
const Banners = lazy(async (): Promise<{ default: ComponentType }> => {
  try {
    const [module] = await Promise.all([import("./Banners"), loadWords("notices")]);
    return { default: module.Banners };
  } catch {
    return { default: () => null };
  }
});

const VISITOR_MS = 15_000;

/** A visitor is told nothing live: what they look at is read again now and then. */
function readAgain(client: QueryClient): () => void {
  const timer = setInterval(() => void client.invalidateQueries(), VISITOR_MS);
  return () => clearInterval(timer);
}

function Frame() {
  const { t } = useTranslation();
  const isLoading = useNavigation().state === "loading";
  return (
    <>
      <a className="app-skip" href="#content">
        {t("skipToContent")}
      </a>
      <Rail />
      <div className="app-content">
        <Suspense fallback={null}>
          <Banners />
        </Suspense>
        <ConnectionBanner />
        <main id="content" tabIndex={-1} aria-busy={isLoading}>
          <Outlet />
        </main>
      </div>
      <ShortcutSheet />
    </>
  );
}
