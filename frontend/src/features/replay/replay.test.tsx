import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, expect, it } from "vitest";
import type { MemberRole, Replay, ReplayItem } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { loadWords } from "@/shared/i18n";
import { aProblem, aUser } from "../../../test/builders";
import { server } from "../../../test/server";
import { keepReplay, lastReplay } from "./last";
import { Component as Page } from "./Page";
import { countOf, isSame, lookAgainAfter, withOutcome } from "./queries";

const price: ReplayItem = {
  conversation_id: "c1",
  question: "Áo giá bao nhiêu?",
  ai_would_say: "Dạ áo 150.000đ ạ",
  outcome: "answered",
  verdict: "passed",
  what_was_said: "150k bạn nhé",
  model: "catalogue",
};
const refund: ReplayItem = {
  ...price,
  conversation_id: "c2",
  question: "Mình muốn hoàn tiền",
  ai_would_say: "Dạ em chuyển nhân viên ạ",
  outcome: "handover",
  reason: "refund",
  verdict: "amount",
  what_was_said: null,
};
const done: Replay = {
  id: "r1",
  state: "done",
  total: 2,
  items: [price, refund],
  created_at: "2026-11-22T08:00:00Z",
  ended_at: "2026-11-22T08:01:00Z",
};

beforeEach(async () => {
  localStorage.clear();
  await loadWords("replay", "reasons");
});

function show(address: string, member_role: MemberRole = "owner") {
  useSession.setState({ phase: "in", user: aUser({ member_role }) });
  const router = createMemoryRouter([{ path: "/replay/:id?", Component: Page }], {
    initialEntries: [address],
  });
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { router, user: userEvent.setup() };
}

it("runs, tells how far it is, and remembers the report", async () => {
  const sent: unknown[] = [];
  let state: Replay = { ...done, state: "running", items: [], ended_at: null };
  server.use(
    http.post("/api/assistant/replay", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(state, { status: 202 });
    }),
    http.get("/api/assistant/replay/r1", () => HttpResponse.json(state)),
  );
  const { router, user } = show("/replay");
  await user.selectOptions(screen.getByLabelText("Số cuộc trò chuyện"), "100");
  await user.click(screen.getByRole("button", { name: "Chạy" }));
  expect(await screen.findByText("Đang hỏi lại: 0/2 câu")).toBeVisible();
  expect(screen.getByRole("progressbar")).toHaveAttribute("max", "2");
  expect(sent).toEqual([{ limit: 100 }]);
  expect(router.state.location.pathname).toBe("/replay/r1");
  state = done;
  expect(await screen.findByText(price.question, undefined, { timeout: 10_000 })).toBeVisible();
  expect(screen.queryByRole("progressbar")).toBeNull();
  expect(lastReplay()).toBe("r1");
});

it("shows what was said beside what would be, by outcome", async () => {
  server.use(http.get("/api/assistant/replay/r1", () => HttpResponse.json(done)));
  keepReplayFor("r1");
  const { user } = show("/replay");
  const list = await screen.findByRole("list", { name: "Kết quả hỏi lại" });
  expect(within(list).getAllByRole("listitem")).toHaveLength(2);
  expect(list).toHaveTextContent("150k bạn nhé");
  await user.click(screen.getByRole("radio", { name: "Chuyển nhân viên (1)" }));
  expect(within(list).getAllByRole("listitem")).toHaveLength(1);
  expect(list).toHaveTextContent("Chưa ai trả lời");
  expect(list).toHaveTextContent("Lý do: Khách hỏi hoàn tiền, đổi trả");
  expect(list).toHaveTextContent("Bản nháp bị chặn vì có số tiền không có trong dữ liệu");
  expect(screen.getByRole("link", { name: /Mở cuộc trò chuyện/ })).toHaveAttribute("href", "/inbox/c2");
});

it("says that another run is under way, and that a report is gone", async () => {
  server.use(
    http.post("/api/assistant/replay", () =>
      HttpResponse.json(aProblem(409, "replay_running"), { status: 409 }),
    ),
    http.get("/api/assistant/replay/r1", () =>
      HttpResponse.json(aProblem(404, "not_found"), { status: 404 }),
    ),
  );
  keepReplayFor("r1");
  const { user } = show("/replay/r1");
  await screen.findByText(/chỉ giữ 30 ngày/);
  await waitFor(() => expect(lastReplay()).toBeNull());
  await user.click(screen.getByRole("button", { name: "Chạy" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Đang có một lượt chạy lại");
});

it("is for owners and managers", () => {
  show("/replay/r1", "agent");
  expect(screen.getByText("Chỉ chủ cửa hàng và quản lý xem được phần này.")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Chạy" })).toBeNull();
});

it("counts and filters by outcome, and knows what is the same", () => {
  expect(countOf(done)).toEqual({ all: 2, answered: 1, handover: 1 });
  expect(withOutcome(done, null)).toHaveLength(2);
  expect(withOutcome(done, "answered")).toEqual([price]);
  expect(isSame(price)).toBe(false);
  expect(isSame({ ...price, what_was_said: " Dạ áo\n150.000đ ạ " })).toBe(true);
  expect(isSame({ ...refund, ai_would_say: "" })).toBe(false);
});

it("looks again only while it runs", () => {
  expect(lookAgainAfter(undefined)).toBe(false);
  expect(lookAgainAfter({ ...done, state: "running" })).toBe(1_500);
  expect(lookAgainAfter(done)).toBe(false);
  expect(lookAgainAfter({ ...done, state: "failed" })).toBe(false);
});

/** As the person that `show` logs in. */
function keepReplayFor(id: string): void {
  useSession.setState({ phase: "in", user: aUser() });
  keepReplay(id);
}
