import type { ComponentType } from "react";
import { Navigate, type RouteObject } from "react-router";
import { ApiError } from "@/api/error";
import { loadWords } from "@/shared/i18n";
import { FirstSkeleton, GuestOnly, SessionOnly } from "./guards";
import { NotFound } from "./NotFound";
import { PageError } from "./PageError";
import { reloadIfDeployed } from "./reload";

/** A page's module: it exports `Component`. */
interface PageModule {
  Component: ComponentType;
}

/** Loads a page together with its words. Without a network it says so, and may be tried again. */
function page(load: () => Promise<PageModule>, ...words: string[]): NonNullable<RouteObject["lazy"]> {
  return async () => {
    try {
      const [module] = await Promise.all([load(), loadWords(...words)]);
      return { Component: module.Component };
    } catch (error) {
      const isThere = await reloadIfDeployed();
      throw isThere ? error : new ApiError({ status: 0, code: "network" });
    }
  };
}

const inbox = page(() => import("@/features/inbox/Page"), "inbox", "reasons", "entry");
const products = page(() => import("@/features/products/Page"), "products");
const product = page(() => import("@/features/products/EditPage"), "products");
const productImport = page(() => import("@/features/products/imports/Page"), "products", "imports");
const channels = page(() => import("@/features/channels/Page"), "channels");
const callback = page(() => import("@/features/channels/CallbackPage"), "channels");
const journal = page(() => import("@/features/journal/Page"), "journal");
const settings = page(() => import("@/features/settings/Page"), "settings", "security", "audit", "access");
const preview = page(() => import("@/features/preview/Page"), "preview", "reasons", "entry");
const knowledge = page(() => import("@/features/knowledge/Page"), "knowledge", "entry");
const unanswered = page(() => import("@/features/unanswered/Page"), "unanswered", "reasons", "entry");
const replay = page(() => import("@/features/replay/Page"), "replay", "reasons");
const admin = page(() => import("@/features/console/Page"), "console", "audit", "security", "access");
const dashboard = page(() => import("@/features/dashboard/Page"), "dashboard", "reasons");

/** Every address of the app. */
export const routes: RouteObject[] = [
  {
    HydrateFallback: FirstSkeleton,
    ErrorBoundary: PageError,
    children: [
      {
        Component: GuestOnly,
        children: [
          { path: "/login", lazy: page(() => import("@/features/auth/Login")) },
          { path: "/register", lazy: page(() => import("@/features/auth/Register")) },
        ],
      },
      {
        Component: SessionOnly,
        children: [
          { path: "/admin/*", lazy: admin },
          {
            lazy: page(() => import("./Shell")),
            children: [
              {
                ErrorBoundary: PageError,
                children: [
                  { index: true, element: <Navigate to="/inbox" replace /> },
                  // One route for both, so that opening a conversation keeps the list as it is.
                  { path: "/inbox/:conversationId?", lazy: inbox },
                  { path: "/products", lazy: products },
                  { path: "/products/new", lazy: product },
                  { path: "/products/import", lazy: productImport },
                  { path: "/products/:id", lazy: product },
                  { path: "/channels", lazy: channels },
                  { path: "/channels/callback", lazy: callback },
                  { path: "/journal", lazy: journal },
                  { path: "/settings/*", lazy: settings },
                  { path: "/preview", lazy: preview },
                  { path: "/knowledge", lazy: knowledge },
                  { path: "/unanswered", lazy: unanswered },
                  { path: "/replay/:id?", lazy: replay },
                  { path: "/dashboard", lazy: dashboard },
                ],
              },
            ],
          },
        ],
      },
      // Links of mails: whoever follows one may be logged in, as somebody else even.
      { path: "/invitation", lazy: page(() => import("@/features/auth/Invitation"), "access") },
      { path: "/password-reset", lazy: page(() => import("@/features/auth/Reset"), "access") },
      // Whoever asked Meta for it has no session here.
      { path: "/data-deletion", lazy: page(() => import("@/features/deletion/Page"), "deletion") },
      { path: "*", Component: NotFound },
    ],
  },
];
