import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";
import { followTabs, restoreSession } from "./api/renew";
import { reloadOnMissingChunk } from "./app/reload";
import { routes } from "./app/routes";
import { followTheme } from "./shared/appearance";
import { startWords } from "./shared/i18n";
import { usePreferences } from "./shared/preferences";
import "./shared/ui/tokens.css";
import "./shared/ui/ui.css";
import "./app/app.css";

async function start(): Promise<void> {
  reloadOnMissingChunk();
  followTheme();
  followTabs();
  void restoreSession();
  await startWords(usePreferences.getState().language);
  const root = document.getElementById("root");
  if (root === null) throw new Error("the page has no root");
  createRoot(root).render(
    <StrictMode>
      {/* An address follows a click at once: as a transition, a chosen filter would spring back until live work lets it through. */}
      <RouterProvider router={createBrowserRouter(routes)} useTransitions={false} />
    </StrictMode>,
  );
}

void start();
