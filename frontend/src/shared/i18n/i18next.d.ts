import "i18next";
import type access from "./vi/access.json";
import type audit from "./vi/audit.json";
import type auth from "./vi/auth.json";
import type channels from "./vi/channels.json";
import type common from "./vi/common.json";
import type consoleWords from "./vi/console.json";
import type dashboard from "./vi/dashboard.json";
import type deletion from "./vi/deletion.json";
import type entry from "./vi/entry.json";
import type errors from "./vi/errors.json";
import type imports from "./vi/imports.json";
import type inbox from "./vi/inbox.json";
import type journal from "./vi/journal.json";
import type knowledge from "./vi/knowledge.json";
import type notices from "./vi/notices.json";
import type preview from "./vi/preview.json";
import type products from "./vi/products.json";
import type reasons from "./vi/reasons.json";
import type replay from "./vi/replay.json";
import type security from "./vi/security.json";
import type settings from "./vi/settings.json";
import type unanswered from "./vi/unanswered.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: {
      access: typeof access;
      audit: typeof audit;
      auth: typeof auth;
      channels: typeof channels;
      common: typeof common;
      console: typeof consoleWords;
      dashboard: typeof dashboard;
      deletion: typeof deletion;
      entry: typeof entry;
      errors: typeof errors;
      imports: typeof imports;
      inbox: typeof inbox;
      journal: typeof journal;
      knowledge: typeof knowledge;
      notices: typeof notices;
      preview: typeof preview;
      products: typeof products;
      reasons: typeof reasons;
      replay: typeof replay;
      security: typeof security;
      settings: typeof settings;
      unanswered: typeof unanswered;
    };
  }
}
