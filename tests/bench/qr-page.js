// The page of qr.js: three ways from a data URL to a drawing in the document.

import jsQR from 'jsqr';
import QRCode from 'qrcode';
import { init, qrToElement, qrToPath } from '/sendapi-pairing/index.js';

const place = document.createElement('div');
document.body.append(place);

/** Shows a drawing, its layout included. */
function show(drawing) {
  place.replaceChildren(drawing);
  return place.getBoundingClientRect();
}

async function ours(url) {
  show(await qrToElement(url, document));
}

/** The part of ours that is not the document's. */
async function call(url) {
  await qrToPath(url);
}

/** What a team would write: the picture through a canvas, its text by jsQR, the drawing by qrcode. */
async function peer(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const code = jsQR(context.getImageData(0, 0, width, height).data, width, height);
  if (!code) return false;
  const holder = document.createElement('template');
  holder.innerHTML = await QRCode.toString(code.data, { type: 'svg' });
  show(holder.content);
  return true;
}

async function img(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  show(image);
}

const ways = { ours, peer, img, call };

/** The clock may be coarse: a sample is as many runs as take five milliseconds. */
async function sample(way, url) {
  const begun = performance.now();
  let runs = 0;
  let now;
  do {
    await way(url);
    runs++;
    now = performance.now();
  } while (now - begun < 5);
  return (now - begun) / runs;
}

window.run = async (urls, rounds) => {
  await init();
  for (const url of urls.slice(0, 20)) for (const way of Object.values(ways)) await way(url);
  const times = {};
  const samples = Object.fromEntries(Object.keys(ways).map((name) => [name, urls.map(() => [])]));
  for (let round = 0; round < rounds; round++) {
    for (const [index, url] of urls.entries()) {
      for (const [name, way] of Object.entries(ways)) samples[name][index].push(await sample(way, url));
    }
  }
  for (const [name, lists] of Object.entries(samples)) {
    times[name] = lists.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]);
  }
  const unread = [];
  for (const [index, url] of urls.entries()) if (!(await peer(url))) unread.push(index);
  return { times, unread, agent: navigator.userAgent.match(/Chrom\w+\/[\d.]+/)?.[0] };
};
