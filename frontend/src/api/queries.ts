import { queryOptions } from "@tanstack/react-query";
import { getAssistantSettings } from "./gen/assistant/assistant";
import { listChannels } from "./gen/channels/channels";
import { countConversations } from "./gen/conversations/conversations";
import { listLabels } from "./gen/labels/labels";
import { listMembers } from "./gen/members/members";
import { listSavedReplies } from "./gen/saved-replies/saved-replies";

const MINUTE = 60_000;
/** The most that one page holds; shops have fewer of these. */
const ALL = { limit: 200 };

/** What more than one feature reads. Everything else has its keys in its feature's `queries.ts`. */
export const countsQuery = queryOptions({
  queryKey: ["conversation-counts"],
  queryFn: ({ signal }) => countConversations({ signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

export const membersQuery = queryOptions({
  queryKey: ["members"],
  queryFn: async ({ signal }) => (await listMembers({ signal })).items,
  staleTime: 5 * MINUTE,
});

export const labelsQuery = queryOptions({
  queryKey: ["labels"],
  queryFn: async ({ signal }) => (await listLabels({ signal })).items,
  staleTime: MINUTE,
});

export const savedRepliesQuery = queryOptions({
  queryKey: ["saved-replies"],
  queryFn: async ({ signal }) => (await listSavedReplies({ signal })).items,
  staleTime: MINUTE,
});

export const channelsQuery = queryOptions({
  queryKey: ["channels"],
  queryFn: async ({ signal }) => (await listChannels(ALL, { signal })).items,
  staleTime: Number.POSITIVE_INFINITY,
});

export const assistantSettingsQuery = queryOptions({
  queryKey: ["assistant-settings"],
  queryFn: ({ signal }) => getAssistantSettings({ signal }),
  staleTime: MINUTE,
});
