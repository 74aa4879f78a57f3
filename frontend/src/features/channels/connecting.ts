import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/api/error";
import { connectFacebook, connectInstagram } from "@/api/gen/channels/channels";
import type { Channel, Connect, Grant, Granted, GrantedPage, Platform } from "@/api/gen/model";
import { channelsQuery } from "@/api/queries";
import { putChannel } from "@/realtime/channels";

/** Meta is asked several things one after another. */
export const PATIENCE_MS = 60_000;

function post(platform: Platform, wish: Connect): Promise<Granted | Channel> {
  const options = { timeout: PATIENCE_MS };
  return platform === "facebook" ? connectFacebook(wish, options) : connectInstagram(wish, options);
}

/** Connects a page by its token, or one of a login's. */
export async function connectPage(platform: Platform, wish: Connect): Promise<Channel> {
  const answer = await post(platform, wish);
  if ("grant" in answer)
    throw new ApiError({ status: 0, code: "internal", detail: "a grant, not a channel" });
  return answer;
}

let redeeming: { code: string; answer: Promise<Grant> } | null = null;

/** What a login's code allows to connect. A code works once, so that whoever asks again gets the same answer; only a failure is tried anew. */
export function redeem(platform: Platform, code: string, returnTo: string): Promise<Grant> {
  if (redeeming?.code === code) return redeeming.answer;
  const answer = post(platform, { code, redirect_uri: returnTo }).then((told) => {
    if ("grant" in told) return told.grant;
    throw new ApiError({ status: 0, code: "internal", detail: "a channel, not a grant" });
  });
  redeeming = { code, answer };
  answer.catch(() => {
    if (redeeming?.answer === answer) redeeming = null;
  });
  return answer;
}

export type Progress =
  | { kind: "waiting" }
  | { kind: "connecting" }
  | { kind: "done" }
  | { kind: "failed"; error: unknown };

export function keyOf({ platform, page_id }: Pick<GrantedPage, "platform" | "page_id">): string {
  return `${platform}:${page_id}`;
}

/** Connects pages of a login one after another; one that fails does not keep the others back. */
export function useConnecting(grantId: string) {
  const client = useQueryClient();
  const [progress, setProgress] = useState<Readonly<Record<string, Progress>>>({});
  const [isBusy, setBusy] = useState(false);
  const tell = (page: GrantedPage, told: Progress) =>
    setProgress((before) => ({ ...before, [keyOf(page)]: told }));
  const connect = async (pages: readonly GrantedPage[]) => {
    setBusy(true);
    for (const page of pages) tell(page, { kind: "waiting" });
    for (const page of pages) {
      tell(page, { kind: "connecting" });
      try {
        const channel = await connectPage(page.platform, { grant_id: grantId, page_id: page.page_id });
        putChannel(client, channel);
        tell(page, { kind: "done" });
      } catch (error) {
        tell(page, { kind: "failed", error });
      }
    }
    setBusy(false);
    void client.invalidateQueries({ queryKey: channelsQuery.queryKey });
    void client.invalidateQueries({ queryKey: ["channel-transfers"] });
  };
  return { progress, isBusy, connect };
}
