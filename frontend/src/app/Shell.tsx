import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, useNavigation } from "react-router";
import { useSession } from "@/api/session";
import "@/realtime/channels";
import { goLive } from "@/realtime/live";
import { listenToKeys } from "@/shared/keys";
import { Toasts } from "@/shared/ui/toast";
import { AdminOnly } from "./AdminOnly";
import { AntFrame } from "./AntFrame";
import { ConnectionBanner } from "./ConnectionBanner";
import { useCourier } from "./courier";
import "./newsSound";
import { askAgainWhenBack, makeQueryClient } from "./query";
import { Rail } from "./Rail";
import { ShortcutSheet } from "./ShortcutSheet";
import "./shell.css";

/** The frame of every page behind the login. A session has a cache of its own, which goes when it ends. */
export function Component() {
  const [client] = useState(makeQueryClient);
  const user = useSession((state) => state.user);
  const businessId = user?.business_id ?? null;
  useEffect(() => {
    if (businessId === null) return;
    return goLive(client, businessId);
  }, [client, businessId]);
  useEffect(() => () => client.clear(), [client]);
  useEffect(() => askAgainWhenBack(client), [client]);
  useCourier(client);
  useEffect(() => listenToKeys(), []);

  return (
    <QueryClientProvider client={client}>
      <AntFrame>
        {user?.role === "admin" ? <AdminOnly /> : <Frame />}
        <Toasts />
      </AntFrame>
    </QueryClientProvider>
  );
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
        <ConnectionBanner />
        <main id="content" tabIndex={-1} aria-busy={isLoading}>
          <Outlet />
        </main>
      </div>
      <ShortcutSheet />
    </>
  );
}
