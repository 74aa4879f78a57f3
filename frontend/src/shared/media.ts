import { useCallback, useSyncExternalStore } from "react";

/** From here on there is room for the details beside the thread; otherwise they lie over it. */
export const WIDE = "(min-width: 1101px)";
/** Up to here one thing is on screen at a time. */
export const NARROW = "(max-width: 720px)";

export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
