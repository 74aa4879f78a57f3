import { ArrowLeftOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ApiError } from "@/api/error";
import type { Product } from "@/api/gen/model";
import { createProduct, updateProduct } from "@/api/gen/products/products";
import { idempotencyKey } from "@/api/http";
import { useFieldErrors } from "@/shared/form";
import { errorText, fieldErrors } from "@/shared/i18n/errors";
import { newId } from "@/shared/ids";
import { keepFocus } from "@/shared/keepFocus";
import { useRights } from "@/shared/rights";
import { Button, ButtonLink, ErrorNote, PageHead, toast } from "@/shared/ui";
import { useUnfinished } from "@/shared/unfinished";
import { useUnsaved } from "@/shared/unsaved";
import {
  changedFields,
  changeOf,
  draftProblems,
  isDirty,
  isSound,
  newProductOf,
  type ProductDraft,
  takenUp,
} from "./draft";
import { EmbeddingBadge } from "./EmbeddingBadge";
import { ExtraTable } from "./ExtraTable";
import { problemsOf } from "./extra";
import { ImageFields } from "./ImageFields";
import { MainFields } from "./MainFields";
import { PriceHistory } from "./PriceHistory";
import { putProduct, reloadLists } from "./queries";
import { StockFields } from "./StockFields";
import { isSoldOut } from "./stock";
import { countsOf, troublesInWords } from "./troubles";
import { Variants } from "./Variants";

/** The form of a product that is new, or of one as it was when it was opened. */
export function Editor({ product, before, back }: EditorProps) {
  const { t } = useTranslation(["products", "common"]);
  const { works } = useRights();
  const navigate = useNavigate();
  const client = useQueryClient();
  const unfinished = useUnfinished(`product.${product?.id ?? "new"}`);
  const [draft, setDraft] = useState(() => takenUp(before, unfinished.found));
  const [tried, setTried] = useState(false);
  const fields = useFieldErrors();
  const dirty = works && isDirty(before, draft);
  const unsaved = useUnsaved(dirty);
  useEffect(() => unfinished.hold(dirty ? changedFields(before, draft) : null));
  const keyFor = useSteadyKey();

  const save = useMutation({
    mutationFn: () => {
      if (product !== null) return updateProduct(product.id, changeOf(before, draft));
      const wish = newProductOf(draft);
      return createProduct(wish, idempotencyKey(keyFor(JSON.stringify(wish))));
    },
    onSuccess: (saved) => {
      putProduct(client, saved);
      if (product === null) reloadLists(client);
      toast(t(product === null ? "products:editor.created" : "products:editor.saved", { name: saved.name }));
      unsaved.allow();
      void navigate(back);
    },
    onError: (error) => {
      const isTaken = error instanceof ApiError && error.code === "sku_taken";
      fields.show(isTaken ? { sku: errorText(error) } : fieldErrors(error));
    },
  });
  const place = useRef<Element | null>(null);
  useEffect(() => {
    // Fields that could not be changed meanwhile lost the focus.
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (save.isError && lost && place.current instanceof HTMLElement) place.current.focus();
  }, [save.isError]);

  const set = <K extends keyof ProductDraft>(key: K, value: ProductDraft[K]) => {
    setDraft((old) => {
      const next = { ...old, [key]: value };
      // What is in stock again can be sold again.
      const isBack = isSoldOut(countsOf(old)) && !isSoldOut(countsOf(next));
      return isBack ? { ...next, status: "available" } : next;
    });
    const about = { rows: "extra_info", images: "image_urls", variants: "variants" };
    const name = Object.entries(about).find(([one]) => one === key)?.[1] ?? key;
    for (const field of [name, ...Object.keys(fields.errors)]) {
      if (field === name || field.startsWith(`${name}[`)) fields.clear(field);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const own = Object.entries(draftProblems(draft)).flatMap(([field, problem]) =>
      problem === undefined ? [] : [[field, t(`products:problems.${problem}`)]],
    );
    if (fields.show(Object.fromEntries(own)) || save.isPending) return;
    if (!isSound(draft)) {
      // What is wrong within the tables is marked once React has drawn it.
      const { form } = fields;
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    place.current = document.activeElement;
    save.mutate();
  };
  const known = works ? t("products:editor.editTitle") : t("products:editor.viewTitle");
  const hasFieldErrors = Object.keys(fields.errors).length > 0;
  return (
    <div className="cd-page product-editor">
      <ButtonLink to={back} look="plain" icon={<ArrowLeftOutlined aria-hidden="true" />}>
        {t("products:editor.toList")}
      </ButtonLink>
      <PageHead title={product === null ? t("products:editor.newTitle") : known}>
        {product !== null && <EmbeddingBadge status={product.embedding_status} />}
      </PageHead>
      {!works && <p className="cd-alert">{t("products:viewer")}</p>}
      <form ref={fields.form} className="cd-stack" noValidate onSubmit={submit}>
        {/* What would be typed while it is saved would be lost with the page. */}
        <fieldset className="product-fields" disabled={!works || save.isPending}>
          <MainFields draft={draft} errors={fields.errors} set={set} />
          <StockFields draft={draft} errors={fields.errors} set={set} />
          {isSoldOut(countsOf(draft)) && (
            <p className="cd-alert cd-alert-warning">{t("products:editor.soldOut")}</p>
          )}
        </fieldset>
        <Variants
          table={draft.variants}
          errors={troublesInWords(draft, tried, fields.errors)}
          error={fields.errors.variants}
          currency={draft.currency}
          disabled={!works || save.isPending}
          onChange={(variants) => set("variants", variants)}
        />
        <ImageFields
          urls={draft.images}
          errors={fields.errors}
          disabled={!works || save.isPending}
          onChange={(images) => set("images", images)}
        />
        <ExtraTable
          rows={draft.rows}
          problems={tried ? problemsOf(draft.rows) : new Map()}
          error={fields.errors.extra_info}
          disabled={!works || save.isPending}
          onChange={(rows) => set("rows", rows)}
        />
        {save.isError && !hasFieldErrors && <ErrorNote error={save.error} />}
        {works && (
          <div className="product-foot">
            <ButtonLink to={back} onMouseDown={keepFocus}>
              {t("common:cancel")}
            </ButtonLink>
            <Button type="submit" look="primary" busy={save.isPending} onMouseDown={keepFocus}>
              {product === null ? t("products:editor.create") : t("common:save")}
            </Button>
          </div>
        )}
      </form>
      {product !== null && <PriceHistory id={product.id} />}
      {unsaved.question}
    </div>
  );
}

/** A key that stays while it is for the same: pressed again after a lost answer, nothing is made twice. */
function useSteadyKey(): (what: string) => string {
  const last = useRef({ what: "", key: "" });
  return (what) => {
    if (last.current.what !== what) last.current = { what, key: newId() };
    return last.current.key;
  };
}

interface EditorProps {
  product: Product | null;
  before: ProductDraft;
  /** The address of the list. */
  back: string;
}
