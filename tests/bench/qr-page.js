// The page of qr.js: three ways from a data URL to a drawing in the document.

import jsQR from 'jsqr';
import QRCode from 'qrcode';
import { init, qrToElement } from '/sendapi-pairing/index.js';

const place = document.createElement('div');
document.body.append(place);

async function ours(url) {
  place.replaceChildren(await qrToElement(url, document));
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
  place.innerHTML = await QRCode.toString(code.data, { type: 'svg' });
  return true;
}

async function img(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  place.replaceChildren(image);
}

const ways = { ours, peer, img };

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
  let unread = 0;
  for (const url of urls) unread += (await peer(url)) ? 0 : 1;
  return { times, unread, agent: navigator.userAgent.match(/Chrom\w+\/[\d.]+/)?.[0] };
};
