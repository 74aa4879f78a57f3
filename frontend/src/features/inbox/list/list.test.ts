import { describe, expect, it } from "vitest";
import { aConversation } from "../test/samples";
import { leadingParts, markedParts } from "./marked";
import { steadyOrder, stepFrom } from "./order";
import { aside, moreOf } from "./useStrip";

const items = (ids: string) => [...ids].map((id) => aConversation({ id }));
const ids = (list: { id: string }[]) => list.map(({ id }) => id).join("");

describe("the order on screen", () => {
  it("follows the list when nothing is held", () => {
    expect(ids(steadyOrder(items("cab"), ["a", "b", "c"], { pointed: null, open: null }))).toBe("cab");
  });

  it("keeps the place of what is under the pointer", () => {
    const held = { pointed: "b", open: null };
    expect(ids(steadyOrder(items("bacd"), ["a", "b", "c", "d"], held))).toBe("abcd");
    expect(ids(steadyOrder(items("xabcd"), ["a", "b", "c", "d"], held))).toBe("xbacd");
    expect(ids(steadyOrder(items("acd"), ["a", "b", "c", "d"], held))).toBe("acd");
  });

  it("keeps the open conversation that the filter lets go of", () => {
    const open = aConversation({ id: "b" });
    expect(ids(steadyOrder(items("ac"), ["a", "b", "c"], { pointed: null, open }))).toBe("abc");
    expect(ids(steadyOrder(items("ac"), [], { pointed: null, open }))).toBe("ac");
  });

  it("is walked from one to the next and not beyond the ends", () => {
    const all = ["a", "b", "c"];
    expect(stepFrom(all, null, 1)).toBe("a");
    expect(stepFrom(all, null, -1)).toBe("c");
    expect(stepFrom(all, "a", 1)).toBe("b");
    expect(stepFrom(all, "c", 1)).toBe("c");
    expect(stepFrom([], null, 1)).toBeNull();
  });
});

describe("what a search found", () => {
  it("is marked at the beginnings of words, accents aside", () => {
    expect(markedParts("Áo thun đỏ, áo dài", "ao do")).toEqual([
      { text: "Áo", isFound: true },
      { text: " thun ", isFound: false },
      { text: "đỏ", isFound: true },
      { text: ", ", isFound: false },
      { text: "áo", isFound: true },
      { text: " dài", isFound: false },
    ]);
  });

  it("stands near the beginning of a narrow line", () => {
    const [first] = leadingParts(
      markedParts("Dạ mình đã chuyển cho bộ phận kho và nhân viên sẽ gọi", "nhan"),
    );
    expect(first?.text.startsWith("…")).toBe(true);
    expect(first?.text.length).toBeLessThan(22);
    expect(leadingParts(markedParts("Chào nhân viên", "nhan"))[0]?.text).toBe("Chào ");
  });
});

describe("a strip of choices", () => {
  it.each([
    [0, 300, 300, ""],
    [0, 400, 300, "end"],
    [50, 400, 300, "start end"],
    [99, 400, 300, "start"],
  ])("at %i of %i in %i hides: %s", (scrollLeft, scrollWidth, clientWidth, expected) => {
    expect(moreOf({ scrollLeft, scrollWidth, clientWidth })).toBe(expected);
  });

  it("moves a choice clear of the sides", () => {
    const box = { left: 100, right: 400 };
    expect(aside(box, { left: 140, right: 200 })).toBe(0);
    expect(aside(box, { left: 110, right: 200 })).toBe(-22);
    expect(aside(box, { left: 330, right: 390 })).toBe(22);
  });
});
