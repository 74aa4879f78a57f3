import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { listProducts } from "@/api/gen/products/products";
import { Button, EmptyState } from "@/shared/ui";

/** A name that a customer could have typed: neither endless nor with characters that turn the text around. */
function fitsQuestion(name: string): boolean {
  return name.length <= 50 && !/\p{C}/u.test(name);
}

/** Questions to begin with, about products that the shop really has. */
export function Examples({ disabled, onAsk }: { disabled: boolean; onAsk: (text: string) => void }) {
  const { t } = useTranslation("preview");
  const { data } = useQuery({
    queryKey: ["preview", "products"],
    queryFn: async ({ signal }) => (await listProducts({ limit: 10 }, { signal })).items,
  });
  const [first, second] = (data ?? []).filter(({ name }) => fitsQuestion(name));
  const questions = [
    ...(first === undefined ? [] : [t("examples.price", { name: first.name })]),
    ...(second === undefined ? [] : [t("examples.stock", { name: second.name })]),
    t("examples.list"),
    t("examples.ship"),
    t("examples.person"),
  ];
  return (
    <EmptyState
      title={t("empty.title")}
      text={t("empty.text")}
      action={
        <ul className="preview-examples" aria-label={t("examples.label")}>
          {questions.map((question) => (
            <li key={question}>
              <Button disabled={disabled} onClick={() => onAsk(question)}>
                <bdi>{question}</bdi>
              </Button>
            </li>
          ))}
        </ul>
      }
    />
  );
}
