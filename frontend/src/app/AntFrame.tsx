import { ConfigProvider, theme } from "antd";
import { type ReactNode, useMemo } from "react";
import { useIsDark } from "@/shared/appearance";
import { antTheme, themeKey } from "./theme";

/** Gives Ant Design's components our colours, and our own styles its variables. */
export function AntFrame({ children }: { children: ReactNode }) {
  const isDark = useIsDark();
  const config = useMemo(
    () => ({ ...antTheme(isDark), algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm }),
    [isDark],
  );
  return (
    <ConfigProvider theme={config} button={{ autoInsertSpace: false }}>
      <div className={`app-frame ${themeKey(isDark)}`}>{children}</div>
    </ConfigProvider>
  );
}
