import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { isNotFound } from "@/api/error";
import type { Product, ProductStatus } from "@/api/gen/model";
import { deleteProduct, restoreProduct, updateProduct } from "@/api/gen/products/products";
import { errorText } from "@/shared/i18n/errors";
import { toast } from "@/shared/ui";
import { dropProduct, putProduct, reloadLists } from "./queries";

/** Says whether a product can be bought. Shown at once; a failure puts it back. */
export function useStatusChange() {
  const { t } = useTranslation("products");
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ product, status }: { product: Product; status: ProductStatus }) =>
      updateProduct(product.id, { status }),
    onMutate: ({ product, status }) => putProduct(client, { ...product, status }),
    onSuccess: (product) => {
      putProduct(client, product);
      toast(t(`status.changed_${product.status}`, { name: product.name }));
    },
    onError: (error, { product }) => {
      putProduct(client, product);
      failed(client, error);
    },
  });
}

/** Removes a product at once, with a way back. */
export function useRemoval() {
  const { t } = useTranslation("products");
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: (product: Product) => restoreProduct(product.id),
    onSuccess: (product) => {
      reloadLists(client);
      toast(t("restored", { name: product.name }));
    },
    onError: (error) => toast(isNotFound(error) ? t("restoreGone") : errorText(error), { tone: "error" }),
  });
  return useMutation({
    mutationFn: (product: Product) => deleteProduct(product.id),
    onMutate: (product) => dropProduct(client, product.id),
    onSuccess: (_, product) => {
      reloadLists(client);
      toast(t("removed", { name: product.name }), { undo: () => restore.mutate(product) });
    },
    onError: (error) => failed(client, error),
  });
}

function failed(client: QueryClient, error: unknown): void {
  toast(errorText(error), { tone: "error" });
  reloadLists(client);
}
