import type { ThemeConfig } from "antd";

interface Palette {
  bg: string;
  raised: string;
  subtle: string;
  border: string;
  text: string;
  text2: string;
  text3: string;
  primary: string;
  primaryFill: string;
  error: string;
  warning: string;
  success: string;
}

/** The same colours as in shared/ui/tokens.css; a test compares them. */
export const PALETTES: { light: Palette; dark: Palette } = {
  light: {
    bg: "#ffffff",
    raised: "#ffffff",
    subtle: "#f5f6f8",
    border: "#dcdfe4",
    text: "#1f2328",
    text2: "#555b64",
    text3: "#646a73",
    primary: "#0958d9",
    primaryFill: "#0958d9",
    error: "#b91c1c",
    warning: "#874d00",
    success: "#1b6e14",
  },
  dark: {
    bg: "#15171a",
    raised: "#22262b",
    subtle: "#1c1f23",
    border: "#363b43",
    text: "#e7e9ec",
    text2: "#b4bac3",
    text3: "#a2a9b3",
    primary: "#6aa8ff",
    primaryFill: "#1b5fcf",
    error: "#ff9a94",
    warning: "#f2c26b",
    success: "#8bd480",
  },
};

/** Ant Design in our colours. Its own are too pale for WCAG AA in tags, errors and links. */
export function antTheme(isDark: boolean): Omit<ThemeConfig, "algorithm"> {
  const colors = isDark ? PALETTES.dark : PALETTES.light;
  return {
    cssVar: { key: isDark ? "cd-dark" : "cd-light" },
    hashed: false,
    token: {
      colorPrimary: colors.primaryFill,
      colorLink: colors.primary,
      colorBgBase: colors.bg,
      colorTextBase: colors.text,
      colorBgContainer: colors.bg,
      colorBgElevated: colors.raised,
      colorBgLayout: colors.subtle,
      colorBorder: colors.border,
      colorText: colors.text,
      colorTextSecondary: colors.text2,
      colorTextTertiary: colors.text3,
      colorTextPlaceholder: colors.text3,
      colorTextDescription: colors.text2,
      colorErrorText: colors.error,
      borderRadius: 8,
      fontFamily: "var(--cd-font)",
      fontSize: 15,
    },
    components: {
      Tag: { colorSuccess: colors.success, colorWarning: colors.warning, colorError: colors.error },
      Button: { colorError: isDark ? "#c62f2f" : "#b91c1c" },
    },
  };
}
