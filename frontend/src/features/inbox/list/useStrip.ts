import { type RefObject, useEffect, useState } from "react";

/** On which sides of a strip there is more than is seen: none, one, or "start end". */
export type More = "" | "start" | "end" | "start end";

/** Within so many pixels of a side nothing is hidden there: browsers round. */
const NEAR_PX = 2;
/** As wide as the fading in the stylesheet. */
const FADE_PX = 32;
/** About two choices. */
const SLIDE_PX = 160;

export function moreOf(box: Pick<HTMLElement, "scrollLeft" | "scrollWidth" | "clientWidth">): More {
  const isBefore = box.scrollLeft > NEAR_PX;
  const isAfter = box.scrollWidth - box.clientWidth - box.scrollLeft > NEAR_PX;
  if (isBefore && isAfter) return "start end";
  return isBefore ? "start" : isAfter ? "end" : "";
}

/** A row of choices that slides sideways where there is no room: by finger, wheel or key. The chosen one is always in sight. */
export function useStrip(strip: RefObject<HTMLElement | null>, chosen: string) {
  const [more, setMore] = useState<More>("");
  useEffect(() => {
    const box = strip.current;
    if (box === null) return;
    const look = () => setMore(moreOf(box));
    // A mouse has one wheel, which turns up and down.
    const turn = (event: WheelEvent) => {
      if (moreOf(box) === "" || event.deltaX !== 0 || event.ctrlKey) return;
      event.preventDefault();
      box.scrollLeft += event.deltaY;
    };
    const watcher = new ResizeObserver(look);
    watcher.observe(box);
    for (const choice of box.children) watcher.observe(choice);
    box.addEventListener("scroll", look, { passive: true });
    box.addEventListener("wheel", turn, { passive: false });
    return () => {
      watcher.disconnect();
      box.removeEventListener("scroll", look);
      box.removeEventListener("wheel", turn);
    };
  }, [strip]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice is what moves it
  useEffect(() => {
    const box = strip.current;
    const label = box?.querySelector(":checked")?.closest("label");
    if (box && label) box.scrollLeft += aside(box.getBoundingClientRect(), label.getBoundingClientRect());
  }, [strip, chosen]);
  const slide = (to: 1 | -1) => strip.current?.scrollBy({ left: to * SLIDE_PX });
  return { more, slide };
}

/** How far a choice must be moved to stand clear of both sides, where choices fade out. */
export function aside(box: Side, choice: Side): number {
  if (choice.left < box.left + FADE_PX) return choice.left - box.left - FADE_PX;
  return Math.max(0, choice.right - box.right + FADE_PX);
}

type Side = Pick<DOMRect, "left" | "right">;
