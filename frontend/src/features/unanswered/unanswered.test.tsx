import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, expect, it } from "vitest";
import type { MemberRole } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { loadWords } from "@/shared/i18n";
import { Toasts } from "@/shared/ui/toast";
import { aProblem, aUser } from "../../../test/builders";
import { server } from "../../../test/server";
import { Component as Page } from "./Page";
import type { Unanswered } from "./queries";

const AT = "2026-11-22T08:00:00Z";
const wash: Unanswered = {
  id: "q1",
  question: "Áo này giặt máy được không shop?",
  conversation_id: "c1",
  reason: "not_in_catalogue",
  asked_count: 3,
  first_asked_at: AT,
  last_asked_at: AT,
};
const gift: Unanswered = { ...wash, id: "q2", question: "Có gói quà không?", asked_count: 1 };

beforeEach(async () => {
  await loadWords("unanswered", "entry", "reasons");
});

function show(items: Unanswered[], member_role: MemberRole = "manager") {
  useSession.setState({ phase: "in", user: aUser({ member_role }) });
  const left = { items };
  server.use(
    http.get("/api/assistant/unanswered", () => HttpResponse.json({ items: left.items, next_cursor: null })),
  );
  const router = createMemoryRouter([{ path: "/unanswered", Component: Page }], {
    initialEntries: ["/unanswered"],
  });
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>,
  );
  return { left, user: userEvent.setup() };
}

it("turns a question into an entry that is filled in but for the answer", async () => {
  const sent: unknown[] = [];
  const { left, user } = show([wash, gift]);
  server.use(
    http.post("/api/assistant/unanswered/q1/entry", async ({ request }) => {
      sent.push(await request.json());
      left.items = [gift];
      const { question: title, id } = wash;
      const entry = { id, kind: "faq", title, body: "Được ạ", embedding_status: "pending" };
      return HttpResponse.json({ ...entry, created_at: AT, updated_at: AT }, { status: 201 });
    }),
  );
  const row = (await screen.findByText(wash.question)).closest("li") ?? document.body;
  expect(row).toHaveTextContent("Hỏi 3 lần");
  expect(row).toHaveTextContent("Danh mục và chính sách không có thông tin này");
  await user.click(screen.getByRole("button", { name: `Thêm câu trả lời cho: ${wash.question}` }));
  const dialog = within(screen.getByRole("dialog"));
  expect(dialog.getByLabelText("Câu hỏi")).toHaveValue(wash.question);
  expect(dialog.queryByRole("radio", { name: "Từ đồng nghĩa" })).toBeNull();
  const answer = dialog.getByLabelText("Câu trả lời");
  expect(answer).toHaveFocus();
  await user.type(answer, "Được ạ");
  await user.click(dialog.getByRole("button", { name: "Lưu" }));
  await waitFor(() => expect(screen.queryByText(wash.question)).toBeNull());
  expect(sent).toEqual([{ kind: "faq", title: wash.question, body: "Được ạ" }]);
  expect(screen.getByText(gift.question)).toBeVisible();
});

it("keeps the answer when somebody else was faster", async () => {
  const { user } = show([wash]);
  server.use(
    http.post("/api/assistant/unanswered/q1/entry", () =>
      HttpResponse.json(aProblem(404, "not_found"), { status: 404 }),
    ),
  );
  await user.click(await screen.findByRole("button", { name: /^Thêm câu trả lời/ }));
  const dialog = within(screen.getByRole("dialog"));
  await user.type(dialog.getByLabelText("Câu trả lời"), "Được ạ");
  await user.click(dialog.getByRole("button", { name: "Lưu" }));
  await screen.findByText("Câu hỏi này vừa được người khác xử lý.");
  expect(dialog.getByLabelText("Câu trả lời")).toHaveValue("Được ạ");
});

it("asks before it forgets a question", async () => {
  const { left, user } = show([wash]);
  let isAsked = false;
  server.use(
    http.delete("/api/assistant/unanswered/q1", () => {
      isAsked = true;
      left.items = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await user.click(await screen.findByRole("button", { name: `Bỏ qua câu: ${wash.question}` }));
  const dialog = within(screen.getByRole("dialog"));
  await user.click(dialog.getByRole("button", { name: "Hủy" }));
  expect(isAsked).toBe(false);
  await user.click(screen.getByRole("button", { name: `Bỏ qua câu: ${wash.question}` }));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Bỏ qua" }));
  await screen.findByText("Không còn câu nào");
  expect(isAsked).toBe(true);
});

it("lets agents and viewers read only", async () => {
  show([wash], "viewer");
  await screen.findByText(wash.question);
  expect(screen.queryByRole("button", { name: /Thêm|Bỏ qua/ })).toBeNull();
  expect(screen.getByRole("link", { name: /Xem cuộc trò chuyện/ })).toHaveAttribute("href", "/inbox/c1");
});
