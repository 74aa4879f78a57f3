import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useParams } from "react-router";
import { isNotFound, isRecord } from "@/api/error";
import { registerLive } from "@/realtime/apply";
import { ButtonLink, EmptyState, ErrorState, Loading, PageHead, Skeleton } from "@/shared/ui";
import { draftOf, emptyDraft } from "./draft";
import { Editor } from "./Editor";
import { liveProducts, oneProduct } from "./queries";
import "./products.css";

registerLive("products", liveProducts);

/** Adds a product, or changes one. */
export function Component() {
  const { id } = useParams();
  return id === undefined ? <NewProduct /> : <KnownProduct key={id} id={id} />;
}

/** The list with the filters that one came from. */
function useListAddress(): string {
  const state: unknown = useLocation().state;
  return isRecord(state) && typeof state.search === "string" ? `/products${state.search}` : "/products";
}

function NewProduct() {
  const back = useListAddress();
  const [before] = useState(emptyDraft);
  return <Editor product={null} before={before} back={back} />;
}

function KnownProduct({ id }: { id: string }) {
  const { t } = useTranslation("products");
  const back = useListAddress();
  const { data, isError, error, refetch, isFetchedAfterMount } = useQuery(oneProduct(id));
  if (data !== undefined && isFetchedAfterMount) return <Opened product={data} back={back} />;
  return (
    <div className="cd-page">
      <PageHead title={t("editor.editTitle")} />
      {isError ? <NotThere error={error} back={back} onRetry={() => void refetch()} /> : <Waiting />}
    </div>
  );
}

/** What was opened stays the measure of what was changed, whatever arrives later. */
function Opened({
  product,
  back,
}: {
  product: NonNullable<Parameters<typeof Editor>[0]["product"]>;
  back: string;
}) {
  const [before] = useState(() => draftOf(product));
  return <Editor product={product} before={before} back={back} />;
}

function NotThere({ error, back, onRetry }: { error: unknown; back: string; onRetry: () => void }) {
  const { t } = useTranslation("products");
  const toList = <ButtonLink to={back}>{t("editor.toList")}</ButtonLink>;
  if (isNotFound(error)) return <EmptyState title={t("editor.gone")} action={toList} />;
  return <ErrorState error={error} onRetry={onRetry} action={toList} />;
}

function Waiting() {
  return (
    <Loading>
      <div className="cd-stack">
        <Skeleton height={38} />
        <Skeleton height={76} />
        <Skeleton height={38} width="50%" />
        <Skeleton height={120} />
      </div>
    </Loading>
  );
}
