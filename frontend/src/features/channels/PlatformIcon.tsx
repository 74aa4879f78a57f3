import { FacebookFilled, InstagramOutlined } from "@ant-design/icons";
import type { Platform } from "@/api/gen/model";

export function PlatformIcon({ platform }: { platform: Platform }) {
  return platform === "facebook" ? (
    <FacebookFilled aria-hidden="true" />
  ) : (
    <InstagramOutlined aria-hidden="true" />
  );
}
