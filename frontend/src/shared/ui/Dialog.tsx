import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";

export interface DialogProps {
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
  /** Buttons, the main one last. */
  footer?: ReactNode;
  wide?: boolean;
}

/** A modal window while it is mounted. The browser keeps the focus inside and gives it back. */
export function Dialog({ title, onClose, children, footer, wide }: DialogProps) {
  const { t } = useTranslation();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // A layout effect ends while the window is still in the document: closed later, it could not give the focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>("[data-first-focus]")?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={wide ? "cd-dialog cd-dialog-wide" : "cd-dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        // React passes on what happens in a window inside this one; that one is meant.
        if (event.target !== event.currentTarget) return;
        // The parent decides: it unmounts what is closed.
        event.preventDefault();
        onClose();
      }}
      onClose={(event) => {
        // At a second Escape a browser closes it without asking.
        if (event.target !== event.currentTarget || event.currentTarget.open) return;
        event.currentTarget.showModal();
        onClose();
      }}
    >
      <div className="cd-dialog-head">
        <h2 id={id}>{title}</h2>
      </div>
      <div className="cd-dialog-body">{children}</div>
      {footer && <div className="cd-dialog-foot">{footer}</div>}
      {/* The last: the focus begins at the first field. */}
      <Button
        look="plain"
        className="cd-dialog-close"
        label={t("close")}
        onClick={onClose}
        icon={<span aria-hidden="true">✕</span>}
      />
    </dialog>
  );
}

export interface ConfirmProps {
  title: ReactNode;
  text: ReactNode;
  confirm: string;
  onConfirm: () => void;
  onClose: () => void;
  busy?: boolean;
  danger?: boolean;
  children?: ReactNode;
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog({
  title,
  text,
  confirm,
  onConfirm,
  onClose,
  busy,
  danger,
  children,
}: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button look={danger ? "danger" : "primary"} busy={busy ?? false} onClick={onConfirm}>
            {confirm}
          </Button>
        </>
      }
    >
      <p>{text}</p>
      {children}
    </Dialog>
  );
}
