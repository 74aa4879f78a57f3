import { QRCode } from "antd";
import { AntFrame } from "./AntFrame";

/** A text for a camera, black on white in either theme. It is drawn here: nobody else needs to know what it says. */
export function QrCode({ text, label }: { text: string; label: string }) {
  return (
    <AntFrame>
      <QRCode
        type="svg"
        value={text}
        aria-label={label}
        size={200}
        marginSize={4}
        color="#000000"
        bgColor="#ffffff"
        bordered={false}
      />
    </AntFrame>
  );
}
