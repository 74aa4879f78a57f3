import { expect, it } from "vitest";
import { fillReply } from "@/shared/fillReply";
import { readDevice } from "@/shared/security/device";
import { zoneLabel } from "@/shared/time";
import { languagesWith, mainFirst } from "./languages";
import { timeZones } from "./zones";

it("lists the shop's time zone under its own name, once", () => {
  const zones = timeZones("Europe/Berlin", ["Asia/Saigon", "Europe/Paris"]);
  expect(zones).toEqual(["Asia/Ho_Chi_Minh", "Europe/Berlin", "Europe/Paris"]);
  expect(zoneLabel("Asia/Ho_Chi_Minh", new Date(0))).toMatch(/^Asia\/Ho Chi Minh \(GMT\+[78]\)$/);
  expect(zoneLabel("Nowhere/At_All", new Date(0))).toBe("Nowhere/At All");
});

it("reads devices", () => {
  const chrome =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36";
  expect(readDevice(chrome)).toEqual({ browser: "Chrome 142", system: "Windows" });
  expect(readDevice(`${chrome} Edg/142.0`).browser).toBe("Edge 142");
  expect(
    readDevice("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1"),
  ).toEqual({
    browser: "Safari 19",
    system: "iPhone",
  });
  expect(readDevice("Safari/604.1 Macintosh")).toEqual({ browser: "Safari", system: "macOS" });
  expect(readDevice("curl/8")).toEqual({ browser: null, system: null });
  expect(readDevice(null)).toEqual({ browser: null, system: null });
});

it("keeps the main language first", () => {
  expect(mainFirst(["vi", "en"], "en")).toEqual(["en", "vi"]);
  expect(languagesWith(["vi"], "en", true)).toEqual(["vi", "en"]);
  expect(languagesWith(["vi", "en"], "vi", false)).toEqual(["en"]);
  expect(languagesWith(["vi"], "vi", true)).toEqual(["vi"]);
});

it("fills a saved reply in", () => {
  expect(fillReply("Chào {name}, {shop} nghe ạ", { name: "Hoa", shop: "Tiệm Lan" })).toBe(
    "Chào Hoa, Tiệm Lan nghe ạ",
  );
  expect(fillReply("Chào {name}!", { name: "", shop: "" })).toBe("Chào!");
});
