import { MoreOutlined } from "@ant-design/icons";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate } from "react-router";
import type { Product } from "@/api/gen/model";
import { money, number } from "@/shared/money";
import { useRights } from "@/shared/rights";
import { Badge, Menu, Switch } from "@/shared/ui";
import { useRemoval, useStatusChange } from "./actions";
import { EmbeddingBadge } from "./EmbeddingBadge";
import { Picture } from "./Picture";
import { FEW, isSoldOut, leftOf } from "./stock";

export function Row({ product, onWaiting }: RowProps) {
  const { works } = useRights();
  const { search } = useLocation();
  const { id, name } = product;
  const tell = useCallback((waiting: boolean) => onWaiting(id, waiting), [id, onWaiting]);
  return (
    <li className="product-row">
      <Picture url={product.image_url} size={56} />
      <div className="product-words">
        <Link to={`/products/${id}`} state={{ search }} className="product-name">
          <bdi>{name}</bdi>
        </Link>
        <Facts product={product} />
        {product.description !== "" && (
          <p className="product-description">
            <bdi>{product.description}</bdi>
          </p>
        )}
      </div>
      <span className="product-price">{money(product.price, product.currency)}</span>
      <div className="product-status">
        {works && !isSoldOut(product) ? (
          <StatusSwitch product={product} />
        ) : (
          <StatusBadge product={product} />
        )}
      </div>
      <div className="product-embedding">
        <EmbeddingBadge status={product.embedding_status} onWaiting={tell} />
      </div>
      {works && <Actions product={product} />}
    </li>
  );
}

interface RowProps {
  product: Product;
  /** Stable. Whether the row is on screen and waits for the assistant. */
  onWaiting: (id: string, waiting: boolean) => void;
}

/** The code, the category, how many forms there are and how many are left. */
function Facts({ product }: { product: Product }) {
  const { t } = useTranslation("products");
  const { sku, category, variants } = product;
  const left = leftOf(product);
  const counted = variants.flatMap(({ stock }) => (stock == null ? [] : [stock]));
  // One form that runs out is worth a word, also where there is plenty of the others.
  const isFew = left !== null && Math.min(left, ...counted) <= FEW;
  const texts = [
    ...(sku == null ? [] : [sku]),
    ...(category == null ? [] : [category]),
    ...(variants.length === 0 ? [] : [t("variants.count", { count: variants.length })]),
  ];
  if (texts.length === 0 && left === null) return null;
  return (
    <p className="product-facts">
      {texts.map((text) => (
        <bdi key={text}>{text}</bdi>
      ))}
      {left !== null && (
        <span className={isFew ? "product-few" : undefined}>{t("stock.left", { number: number(left) })}</span>
      )}
    </p>
  );
}

function StatusSwitch({ product }: { product: Product }) {
  const { t } = useTranslation("products");
  const change = useStatusChange();
  return (
    <Switch
      label={t("status.switch", { name: product.name })}
      on={product.status === "available"}
      busy={change.isPending}
      onChange={(on) => change.mutate({ product, status: on ? "available" : "out_of_stock" })}
    >
      {t(`status.${product.status}`)}
    </Switch>
  );
}

function StatusBadge({ product }: { product: Product }) {
  const { t } = useTranslation("products");
  return (
    <Badge
      tone={product.status === "available" ? "success" : "error"}
      {...(isSoldOut(product) ? { title: t("stock.soldOutHint") } : {})}
    >
      {t(`status.${product.status}`)}
    </Badge>
  );
}

function Actions({ product }: { product: Product }) {
  const { t } = useTranslation(["products", "common"]);
  const navigate = useNavigate();
  const { search } = useLocation();
  const removal = useRemoval();
  return (
    <Menu
      align="end"
      button={{
        look: "plain",
        icon: <MoreOutlined aria-hidden="true" />,
        label: t("products:actions", { name: product.name }),
      }}
      entries={[
        {
          key: "edit",
          label: t("common:edit"),
          onSelect: () => void navigate(`/products/${product.id}`, { state: { search } }),
        },
        { key: "delete", label: t("common:delete"), danger: true, onSelect: () => removal.mutate(product) },
      ]}
    />
  );
}
