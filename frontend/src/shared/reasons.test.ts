import { beforeAll, expect, it } from "vitest";
import { loadWords } from "./i18n";
import { reasonText, ruleText } from "./reasons";

beforeAll(() => loadWords("reasons"));

it("puts codes into words, also those that nobody knows yet", () => {
  expect(reasonText("refund")).toBe("Khách hỏi hoàn tiền, đổi trả");
  expect(reasonText("brand_new")).toBe("Lý do khác (brand_new)");
  expect(reasonText("")).toBe("Lý do khác ()");
  expect(ruleText("amount")).toBe("có số tiền không có trong dữ liệu");
  expect(ruleText("brand_new")).toBe("theo quy tắc brand_new");
});
