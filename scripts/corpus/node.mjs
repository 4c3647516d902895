// Draws one symbol with node-qrcode: node.mjs FILE TEXT OPTIONS, the options as JSON.
import QRCode from "qrcode";

const [file, text, options] = process.argv.slice(2);
await QRCode.toFile(file, text, JSON.parse(options));
