import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useBlocker } from "react-router";
import { Button, Dialog } from "./ui";

/**
 * Keeps what was typed from getting lost: asks before another page opens, and lets the browser ask before it closes. A form in a
 * window gives what closes it, and closes through `close`.
 */
export function useUnsaved(dirty: boolean, onClose?: () => void) {
  const allowed = useRef(false);
  const [isClosing, setClosing] = useState(false);
  const blocker = useBlocker(() => dirty && !allowed.current);

  useEffect(() => {
    if (!dirty) return;
    allowed.current = false;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty]);

  // Somebody left while it was being saved: once that is done, nothing is in the way.
  useEffect(() => {
    if (!dirty && blocker.state === "blocked") blocker.proceed();
  }, [dirty, blocker]);

  const stay = () => {
    setClosing(false);
    blocker.reset?.();
  };
  const leave = () => {
    if (isClosing) onClose?.();
    blocker.proceed?.();
  };
  return {
    question: (isClosing || blocker.state === "blocked") && <Question onStay={stay} onLeave={leave} />,
    /** Closes the window, after asking when something would be lost. */
    close: () => {
      if (dirty) setClosing(true);
      else onClose?.();
    },
    /** What was typed is saved: the next page may open. */
    allow: () => {
      allowed.current = true;
    },
  };
}

function Question({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog
      title={t("unsaved.title")}
      onClose={onStay}
      footer={
        <>
          <Button look="danger" onClick={onLeave}>
            {t("unsaved.leave")}
          </Button>
          <Button look="primary" data-first-focus onClick={onStay}>
            {t("unsaved.stay")}
          </Button>
        </>
      }
    >
      <p>{t("unsaved.text")}</p>
    </Dialog>
  );
}
