import { NoticeBanner } from "./NoticeBanner";
import { VisitBanner } from "./VisitBanner";

/** What stands above every page when there is something to say. */
export function Banners() {
  return (
    <>
      <VisitBanner />
      <NoticeBanner />
    </>
  );
}
