import { crc32, deflateSync } from "node:zlib";

type Color = [red: number, green: number, blue: number];

/** A dress on a hanger, roughly, as a customer would photograph it: a real picture without a file in the repository. */
export function dress(width = 480, height = 360): Uint8Array<ArrayBuffer> {
  return png(width, height, (x, y) => {
    const [across, down] = [Math.abs(x / width - 0.5), y / height];
    const wall = shade([226, 214, 198], 1 - down * 0.18 - across * 0.12);
    if (down < 0.12 || down > 0.92) return wall;
    const isBody = down < 0.42 ? across < 0.1 : across < 0.1 + (down - 0.42) * 0.3;
    const isSleeve = down < 0.3 && across < 0.2 && across < 0.06 + (down - 0.1) * 0.9;
    const isNeck = down < 0.2 && across < 0.05 - (down - 0.12) * 0.6;
    if (isNeck || !(isBody || isSleeve)) return wall;
    const fold = Math.sin((x / width - 0.5) * (60 - down * 25)) * 0.05;
    return shade([196, 160, 122], 1.02 - across * 0.7 + fold);
  });
}

function shade([red, green, blue]: Color, by: number): Color {
  const part = (value: number) => Math.max(0, Math.min(255, Math.round(value * by)));
  return [part(red), part(green), part(blue)];
}

/** PNG, 8 bits per channel, no filter: source: "Portable Network Graphics Specification", chunks IHDR, IDAT, IEND. */
function png(width: number, height: number, color: (x: number, y: number) => Color): Uint8Array<ArrayBuffer> {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows.set(color(x, y), y * (width * 3 + 1) + 1 + x * 3);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))];
  return new Uint8Array(Buffer.concat([signature, ...parts]));
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
