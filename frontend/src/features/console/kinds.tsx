import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";

/** What the services do in the background, as they name it. */
const KIND_KEYS = [
  "kind.ingest",
  "kind.reply",
  "kind.send",
  "kind.settle",
  "kind.profile",
  "kind.reconcile",
  "kind.redrive",
  "kind.replay",
  "kind.terms",
  "kind.sweep",
  "kind.erase_contact",
  "kind.find_person",
  "kind.export_inbox",
  "kind.erase_inbox",
  "kind.embed",
  "kind.import",
  "kind.export_catalog",
  "kind.erase_catalog",
  "kind.attachment_expiry",
  "kind.channel_check",
  "kind.session_expiry",
  "kind.grant_expiry",
  "kind.close_tenant",
  "kind.forget_contact",
  "kind.export_tenants",
  "kind.erase_tenants",
  "kind.mail",
  "kind.sealing",
  "kind.withdrawal",
] as const;

/** A kind of work in words; a newer server may know more, which show as they are. */
export function kindText(t: TFunction<"console">, kind: string): string {
  const known = KIND_KEYS.find((key) => key === `kind.${kind}`);
  return known === undefined ? kind : t(known);
}

/** The words, with the name by which logs and figures call it. */
export function Kind({ kind }: { kind: string }) {
  const { t } = useTranslation("console");
  const text = kindText(t, kind);
  return (
    <>
      {text} {text !== kind && <code className="console-raw">{kind}</code>}
    </>
  );
}
