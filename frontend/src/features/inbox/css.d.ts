import "react";

declare module "react" {
  interface CSSProperties {
    "--in-list"?: string;
    "--in-panel"?: string;
  }
}
