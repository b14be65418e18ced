// Reads pictures with zxing-wasm (zxing-cpp 3). Arguments: the folder that
// holds node_modules/zxing-wasm. Input: one path of a PGM (P5) a line. Output:
// one JSON line for each, {"texts":[…],"ms":…}; ms is the time in the reader.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join } from "node:path";

const folder = process.argv[2];
const { readBarcodes, prepareZXingModule } = createRequire(join(folder, "x.js"))("zxing-wasm/reader");
// Without this it would fetch the wasm from a network.
const wasmBinary = readFileSync(join(folder, "node_modules/zxing-wasm/dist/reader/zxing_reader.wasm"));
await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });

// pgm is an ImageData of the picture: the header is "P5\nwidth height\n255\n".
function pgm(path) {
  const file = readFileSync(path);
  const [header, width, height] = /^P5\n(\d+) (\d+)\n255\n/.exec(file.toString("latin1", 0, 40));
  const gray = file.subarray(header.length);
  const data = new Uint8ClampedArray(4 * gray.length).fill(255);
  for (let i = 0; i < gray.length; i++) data[4 * i] = data[4 * i + 1] = data[4 * i + 2] = gray[i];
  return { data, width: +width, height: +height, colorSpace: "srgb" };
}

for await (const path of createInterface({ input: process.stdin })) {
  const picture = pgm(path);
  const start = performance.now();
  const found = await readBarcodes(picture, { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 });
  const ms = performance.now() - start;
  console.log(JSON.stringify({ texts: found.filter((r) => r.isValid).map((r) => r.text), ms }));
}
