import type { TFunction } from "i18next";
import type { ActorKind } from "@/api/gen/model";

/** What can be recorded, as the services name it. */
const ACTION_KEYS = [
  "action.admin.created",
  "action.business.registered",
  "action.business.changed",
  "action.session.started",
  "action.session.ended",
  "action.session.refused",
  "action.password.changed",
  "action.password.reset",
  "action.totp.enabled",
  "action.totp.disabled",
  "action.totp.cleared",
  "action.member.added",
  "action.member.role_changed",
  "action.member.removed",
  "action.invitation.created",
  "action.invitation.revoked",
  "action.invitation.accepted",
  "action.channel.connected",
  "action.channel.disconnected",
  "action.settings.changed",
  "action.transfer.requested",
  "action.transfer.decided",
  "action.tenant.suspended",
  "action.tenant.resumed",
  "action.tenant.capped",
  "action.tenant.entered",
  "action.visit.refused",
  "action.export.requested",
  "action.export.fetched",
  "action.deletion.requested",
  "action.deletion.cancelled",
  "action.tenant.deleted",
  "action.contact.erased",
  "action.work.retried",
  "action.work.discarded",
] as const;
export const ACTIONS = ACTION_KEYS.map((key) => key.slice("action.".length));

/** What was done, in words; a newer server may know more, which shows as it is. */
export function actionText(t: TFunction<"audit">, action: string): string {
  const known = ACTION_KEYS.find((key) => key === `action.${action}`);
  return known === undefined ? action : t(known);
}

/** Who did it. */
export function actorText(t: TFunction<"audit">, who: Who): string {
  if (who.actor_name) return who.actor_name;
  if (who.actor_kind === "admin") return t("actor.admin");
  if (who.actor_kind === "nobody") return t("actor.nobody");
  return who.actor ?? t(`actor.${who.actor_kind}`);
}

interface Who {
  actor_kind: ActorKind;
  actor?: string | null;
  actor_name?: string | null;
}
