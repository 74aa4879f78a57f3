import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Product } from "@/api/gen/model";
import { listProducts } from "@/api/gen/products/products";
import { money } from "@/shared/money";
import { Button, Dialog, ErrorNote, Loading, Skeleton } from "@/shared/ui";
import { CardPicture } from "../thread/Cards";

/** So many cards go into one message. */
const MOST = 10;
const SHOWN = 30;
/** The longest search that the server takes. */
const LONGEST = 200;

interface Props {
  onSend: (products: Product[]) => void;
  onClose: () => void;
}

/** Chooses products that the customer gets as cards, in the order in which they were chosen. */
export function ProductPicker({ onSend, onClose }: Props) {
  const { t } = useTranslation(["inbox", "common"]);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<Product[]>([]);
  const q = useDeferredValue(text.trim());
  const query = useQuery({
    queryKey: ["product-choice", q],
    queryFn: ({ signal }) => listProducts({ limit: SHOWN, ...(q === "" ? {} : { q }) }, { signal }),
    placeholderData: keepPreviousData,
  });
  const found = query.data?.items ?? [];
  const isFull = chosen.length >= MOST;
  const isChosen = (product: Product) => chosen.some(({ id }) => id === product.id);
  const toggle = (product: Product) =>
    setChosen(isChosen(product) ? chosen.filter(({ id }) => id !== product.id) : [...chosen, product]);
  // What was chosen stays in sight whatever is searched for.
  const shown = [...chosen, ...found.filter((product) => !isChosen(product))];
  return (
    <Dialog
      title={t("cards.title")}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button look="primary" disabled={chosen.length === 0} onClick={() => onSend(chosen)}>
            {t("cards.send", { count: chosen.length })}
          </Button>
        </>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys of the field and the boxes arrive here */}
      <div className="in-picker" onKeyDown={moveFocus}>
        <input
          type="search"
          className="cd-input"
          data-first-focus
          aria-label={t("cards.search")}
          placeholder={t("cards.search")}
          maxLength={LONGEST}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <p className="in-quiet" role="status">
          {isFull ? t("cards.full", { most: MOST }) : t("cards.hint", { most: MOST })}
        </p>
        <ErrorNote error={query.error} />
        {query.isPending && (
          <Loading>
            <Skeleton height={56} />
            <Skeleton height={56} />
          </Loading>
        )}
        {query.isSuccess && found.length === 0 && (
          <p>{q === "" ? t("cards.noneYet") : t("cards.none", { q })}</p>
        )}
        <ul className="in-picker-list" aria-label={t("cards.list")}>
          {shown.map((product) => (
            <li key={product.id}>
              <Choice
                product={product}
                place={chosen.findIndex(({ id }) => id === product.id) + 1}
                isOff={isFull && !isChosen(product)}
                onToggle={() => toggle(product)}
              />
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}

interface ChoiceProps {
  product: Product;
  /** Among the chosen ones, from 1; 0 when it is not. */
  place: number;
  isOff: boolean;
  onToggle: () => void;
}

function Choice({ product, place, isOff, onToggle }: ChoiceProps) {
  const { t } = useTranslation("inbox");
  return (
    <label className="in-choice">
      <input type="checkbox" checked={place > 0} disabled={isOff} onChange={onToggle} />
      <CardPicture url={product.image_url ?? null} />
      <span className="in-card-text">
        <bdi className="in-card-title">{product.name}</bdi>
        <span className="in-card-sub">
          {money(product.price, product.currency)}
          {product.status === "out_of_stock" && ` · ${t("prov.out_of_stock")}`}
        </span>
      </span>
      {place > 0 && <span className="in-choice-place">{place}</span>}
    </label>
  );
}

/** Arrow keys go from the field through the boxes and back. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by === undefined) return;
  const stops = Array.from(event.currentTarget.querySelectorAll<HTMLInputElement>("input:not(:disabled)"));
  const at = stops.findIndex((stop) => stop.matches(":focus"));
  const next = stops[at + by];
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  next.focus();
}
