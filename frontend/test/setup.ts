import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll } from "vitest";
import { startWords } from "@/shared/i18n";
import { server } from "./server";
import "./layout";

// The first page of a test loads its modules, which takes a moment.
configure({ asyncUtilTimeout: 10_000 });

beforeAll(async () => {
  server.listen({ onUnhandledFrame: "error" });
  await startWords("vi");
});
afterEach(() => {
  cleanup();
  // What still waits to be written is written now, and not into the next test.
  dispatchEvent(new Event("pagehide"));
  server.resetHandlers();
  localStorage.clear();
  sessionStorage.clear();
});
afterAll(() => server.close());
