// What a screen looks like, in a few bytes and without its fonts: where its parts are, what colours they have, and a blurred picture of it.

import { find } from './element.js';

/** The parts that are looked at, by selector in the box. */
const PARTS = ['.header h2', '.name', '.asks', '.plate', '.qr', '.sign', '.title', '.steps', '.countdown', '.phone', '.detail', '.note', '.primary', '.plain', '.danger', '.footer'];
/** Those whose size and place owe nothing to a font. */
const FIXED = ['.base', '.plate', '.qr', '.sign'];
const SIDE = 48;

/** What a font may change: lines break elsewhere, so that words and what is below them move by a line or two. Pixels, and a share of the box. */
const SLACK = { pixels: 30, share: 0.12 };
/** Of 15 steps between black and white: how far a picture may be from the other on average, and how far one of its 36 fields. */
const PICTURE = { mean: 0.7, field: 3.2 };

/** The element as it is now: boxes, colours, picture. */
export async function appearance(driver) {
  const picture = await (await find(driver)).takeScreenshot();
  return driver.executeAsyncScript(
    function (picture, parts, side, done) {
      const box = document.querySelector('sendapi-pairing').shadowRoot.querySelector('.base');
      const edge = box.getBoundingClientRect();
      const ink = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
      const colour = (value) => {
        ink.clearRect(0, 0, 1, 1);
        ink.fillStyle = value;
        ink.fillRect(0, 0, 1, 1);
        return [...ink.getImageData(0, 0, 1, 1).data].map((part) => part.toString(16).padStart(2, '0')).join('');
      };
      const seen = {};
      const note = (name, node) => {
        const at = node.getBoundingClientRect();
        const style = getComputedStyle(node);
        seen[name] = {
          at: [at.left - edge.left, at.top - edge.top, at.width, at.height].map(Math.round),
          colours: [style.color, style.backgroundColor, style.borderTopColor, style.stroke === 'none' ? 'transparent' : style.stroke].map(colour).join(' '),
          type: `${style.fontSize} ${style.fontWeight} ${style.borderTopLeftRadius} ${style.borderTopWidth}`,
        };
      };
      note('.base', box);
      for (const name of parts) {
        const node = box.querySelector(name);
        if (node && node.getClientRects().length > 0 && node.checkVisibility({ visibilityProperty: true })) note(name, node);
      }
      const image = new Image();
      image.onload = () => {
        // In steps of a half, so that every pixel counts.
        let [width, height] = [image.width, image.height];
        let from = image;
        const paint = (w, h) => {
          const canvas = new OffscreenCanvas(w, h);
          const to = canvas.getContext('2d', { willReadFrequently: true });
          to.imageSmoothingQuality = 'high';
          to.drawImage(from, 0, 0, w, h);
          from = canvas;
          return to;
        };
        while (width > 2 * side || height > 2 * side) paint((width = Math.max(side, width >> 1)), (height = Math.max(side, height >> 1)));
        const { data } = paint(side, side).getImageData(0, 0, side, side);
        let text = '';
        for (let at = 0; at < data.length; at += 4) text += Math.round((0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2]) / 17).toString(16);
        done({ parts: seen, picture: text });
      };
      image.src = `data:image/png;base64,${picture}`;
    },
    picture,
    PARTS,
    SIDE,
  );
}

const channels = (colours) => colours.split(' ').flatMap((colour) => colour.match(/../g).map((part) => Number.parseInt(part, 16)));

/** The means of a picture's fields, 8 by 8 points each. */
function fields(picture) {
  const per = SIDE / 8;
  const sums = new Array(per * per).fill(0);
  for (const [at, digit] of [...picture].entries()) sums[Math.floor(at / SIDE / 8) * per + Math.floor((at % SIDE) / 8)] += Number.parseInt(digit, 16) / 64;
  return sums;
}

/** What differs between two appearances, beyond what another font may do; in words. */
export function differences(seen, wanted) {
  const found = [];
  for (const name of new Set([...Object.keys(seen.parts), ...Object.keys(wanted.parts)])) {
    const [now, then] = [seen.parts[name], wanted.parts[name]];
    if (!now || !then) {
      found.push(`${name} ${now ? 'is there' : 'is gone'}`);
      continue;
    }
    if (now.type !== then.type) found.push(`${name}: ${now.type}, not ${then.type}`);
    const far = channels(then.colours).some((value, at) => Math.abs(value - channels(now.colours)[at]) > 3);
    if (far) found.push(`${name}: colours ${now.colours}, not ${then.colours}`);
    const room = Math.max(SLACK.pixels, SLACK.share * wanted.parts['.base'].at[3]);
    // Words set the height of the box, and so how far down a thing is; the rest of what is fixed is fixed.
    const slack = FIXED.includes(name) ? [1, room, 1, name === '.base' ? room : 1] : [room, room, room, room];
    if (now.at.some((value, at) => Math.abs(value - then.at[at]) > slack[at])) found.push(`${name} is at ${now.at}, not ${then.at}`);
  }
  const [now, then] = [fields(seen.picture), fields(wanted.picture)];
  const far = now.map((value, at) => Math.abs(value - then[at]));
  const mean = far.reduce((sum, value) => sum + value, 0) / far.length;
  if (mean > PICTURE.mean || Math.max(...far) > PICTURE.field) found.push(`the picture differs by ${mean.toFixed(2)} of 15, in one field by ${Math.max(...far).toFixed(2)}`);
  return found;
}
