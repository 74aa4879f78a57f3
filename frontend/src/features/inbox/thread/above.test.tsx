import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, expect, it } from "vitest";
import { loadWords } from "@/shared/i18n";
import { aMessage } from "../test/samples";
import { AboveThread } from "./AboveThread";
import { Attachments } from "./Attachments";

beforeAll(() => loadWords("inbox"));

it("keeps a picture open when its row goes, and closes it with the thread", async () => {
  const message = aMessage({
    attachments: [{ kind: "image", url: "https://cdn.example/a.jpg", title: "" }],
  });
  const shown = (hasRow: boolean) => (
    <QueryClientProvider client={new QueryClient()}>
      {hasRow && <Attachments message={message} />}
      <AboveThread />
    </QueryClientProvider>
  );
  const { rerender, unmount } = render(shown(true));
  await userEvent.click(screen.getByRole("button"));
  expect(screen.getByRole("dialog")).toBeVisible();
  rerender(shown(false));
  expect(screen.getByRole("dialog")).toBeVisible();
  unmount();
  render(shown(false));
  expect(screen.queryByRole("dialog")).toBeNull();
});
