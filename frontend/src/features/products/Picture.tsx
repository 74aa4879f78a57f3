import { PictureOutlined } from "@ant-design/icons";
import { useState } from "react";
import { safeUrl } from "@/shared/text";

/** A product's picture in a square that is there before it loads. Without one, or when it does not load, a drawing stands in. */
export function Picture({ url, size, alt = "", onBroken }: PictureProps) {
  const [broken, setBroken] = useState<string | null>(null);
  const picture = safeUrl(url);
  return (
    <span className="product-picture" style={{ width: size, height: size }}>
      {picture !== null && picture !== broken ? (
        <img
          key={picture}
          src={picture}
          alt={alt}
          width={size}
          height={size}
          loading="lazy"
          decoding="async"
          referrerPolicy="no-referrer"
          onError={() => {
            setBroken(picture);
            onBroken?.(picture);
          }}
        />
      ) : (
        <PictureOutlined aria-hidden="true" />
      )}
    </span>
  );
}

interface PictureProps {
  url: string | null | undefined;
  /** Width and height in px. */
  size: number;
  alt?: string;
  onBroken?: (url: string) => void;
}
