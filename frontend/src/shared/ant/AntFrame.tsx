import { ConfigProvider, theme } from "antd";
import { type ReactNode, useMemo } from "react";
import { useIsDark } from "@/shared/appearance";
import { antTheme } from "./theme";

/** Gives Ant Design's components our colours. It is heavy: only what is loaded when it is wanted has it around it. */
export function AntFrame({ children }: { children: ReactNode }) {
  const isDark = useIsDark();
  const config = useMemo(
    () => ({ ...antTheme(isDark), algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm }),
    [isDark],
  );
  return (
    <ConfigProvider theme={config} button={{ autoInsertSpace: false }}>
      {children}
    </ConfigProvider>
  );
}
