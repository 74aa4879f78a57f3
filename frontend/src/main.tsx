import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter } from "react-router";
import { RouterProvider } from "react-router/dom";
import { followTabs, restoreSession } from "./api/renew";
import { visit } from "./api/visit";
import { forgetOnLeaving } from "./app/forgetting";
import { reloadOnMissingChunk } from "./app/reload";
import { routes } from "./app/routes";
import { followPreferences } from "./shared/appearance";
import { setLanguage, startWords } from "./shared/i18n";
import { takeLoginReturn } from "./shared/loginReturn";
import { followMailLinks, takeMailToken } from "./shared/mailToken";
import { usePreferences } from "./shared/preferences";
import "./shared/ui/tokens.css";
import "./shared/ui/ui.css";
import "./app/app.css";

async function start(): Promise<void> {
  takeLoginReturn();
  takeMailToken();
  followMailLinks();
  reloadOnMissingChunk();
  followPreferences();
  if (visit() === null) followTabs();
  forgetOnLeaving();
  void restoreSession();
  // Another language must be loaded; without it the app speaks the one that is built in.
  await startWords(usePreferences.getState().language).catch(() => setLanguage("vi"));
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
