import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { FileFormat } from "@/api/gen/model";
import { exportProducts } from "@/api/gen/products/products";
import { errorText } from "@/shared/i18n/errors";
import { saveFile } from "@/shared/saveFile";
import { dayOf } from "@/shared/time";
import { toast } from "@/shared/ui";

/** All products as a file. It may take a while: no answer is waited for in vain. */
export function useExport() {
  const { t } = useTranslation("products");
  return useMutation({
    mutationFn: (format: FileFormat) => exportProducts({ format }, { timeout: 0 }),
    onMutate: () => toast(t("files.writing")),
    onSuccess: (content, format) => {
      const name = `${t("files.name")}-${dayOf(Date.now())}.${format}`;
      saveFile(name, content);
      toast(t("files.saved", { name }));
    },
    onError: (error) => toast(errorText(error), { tone: "error" }),
  });
}
