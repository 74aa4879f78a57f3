import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, expect, it } from "vitest";
import type { AssistantSettings } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { loadWords } from "@/shared/i18n";
import { aUser } from "../../../test/builders";
import { server } from "../../../test/server";
import { Assistant } from "./Assistant";

const settings: AssistantSettings = {
  tone: "thân thiện",
  policies: "",
  languages: ["vi"],
  ai_enabled_by_default: true,
  opening_hours: "",
  send_cards: false,
  tokens_taken_percent: 79,
  tokens_low: false,
};

beforeEach(() => loadWords("settings"));

async function show(over: Partial<AssistantSettings>) {
  useSession.setState({ phase: "in", user: aUser() });
  server.use(http.get("/api/assistant/settings", () => HttpResponse.json({ ...settings, ...over })));
  const router = createMemoryRouter([{ path: "/", Component: Assistant }]);
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  await screen.findByDisplayValue("thân thiện");
}

it("warns when the day's tokens run low", async () => {
  await show({ tokens_taken_percent: 85, tokens_low: true });
  expect(screen.getByText(/đã dùng 85% lượng token/)).toBeVisible();
});

it("says nothing before", async () => {
  await show({});
  expect(screen.queryByText(/token/)).toBeNull();
});
