import { type RefObject, useCallback, useEffect, useState } from "react";

/** Within so many pixels of the end one counts as being there. */
export const END_PX = 80;

/** Whether the end of a scrolled region is on screen. */
export function useEnd(scroller: RefObject<HTMLElement | null>): { isAtEnd: boolean; measure: () => void } {
  const [isAtEnd, setAtEnd] = useState(true);
  const measure = useCallback(() => {
    const box = scroller.current;
    if (box !== null) setAtEnd(box.scrollHeight - box.scrollTop - box.clientHeight <= END_PX);
  }, [scroller]);
  useEffect(() => {
    const box = scroller.current;
    box?.addEventListener("scroll", measure, { passive: true });
    return () => box?.removeEventListener("scroll", measure);
  }, [scroller, measure]);
  return { isAtEnd, measure };
}

/** Whether the page can be seen at all. */
export function useVisible(): boolean {
  const [isVisible, setVisible] = useState(() => document.visibilityState === "visible");
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return isVisible;
}
