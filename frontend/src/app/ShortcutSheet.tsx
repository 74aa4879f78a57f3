import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type Shortcut, useShortcutRegistry, useShortcuts } from "@/shared/keys";
import { Dialog } from "@/shared/ui/Dialog";

const NAMES: Record<string, string> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  Enter: "Enter",
  Escape: "Esc",
};

/** The sheet of all shortcuts that work at this moment, on `?`. */
export function ShortcutSheet() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const lists = useShortcutRegistry((state) => state.lists);
  const general = useMemo<Shortcut[]>(() => {
    const group = t("shortcuts.general");
    return [
      { keys: ["?"], label: t("shortcuts.showSheet"), group, run: () => setOpen(true) },
      { keys: ["Mod+i"], label: t("shortcuts.goInbox"), group, run: () => void navigate("/inbox") },
    ];
  }, [t, navigate]);
  useShortcuts(general);
  if (!open) return null;
  const all = [...lists.values()].flat();
  const groups = [...new Set(all.map((shortcut) => shortcut.group))];
  return (
    <Dialog title={t("shortcuts.title")} onClose={() => setOpen(false)}>
      <div className="cd-stack">
        {groups.map((group) => (
          <section key={group}>
            <h3 className="app-keys-group">{group}</h3>
            <dl className="app-keys">
              {all
                .filter((shortcut) => shortcut.group === group)
                .map((shortcut) => (
                  <div key={shortcut.keys.join()}>
                    <dt>{shortcut.label}</dt>
                    <dd>
                      {shortcut.keys.map((key, at) => (
                        <span key={key}>
                          {at > 0 && ` ${t("shortcuts.or")} `}
                          <kbd>{shown(key)}</kbd>
                        </span>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function shown(key: string): string {
  const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  return key
    .split(/\+(?=.)/)
    .map((part) => (part === "Mod" ? (isMac ? "⌘" : "Ctrl") : (NAMES[part] ?? part)))
    .join(" ");
}
