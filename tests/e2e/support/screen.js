// What is on the screen, read as a phone's camera would: from pixels, by a decoder that is not ours.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engine } from './browser.js';

/** Milliseconds within which a code that is there is in a screenshot, too. */
const DRAWN = 5000;

/** WebKit's screenshot is of the frame composited last, which may be older than what was awaited, and nothing tells when it is not. */
async function drawn(driver) {
  if (engine !== 'webkit') return;
  await driver.executeAsyncScript('const done = arguments[0]; let frames = 3; const next = () => (frames-- ? requestAnimationFrame(next) : setTimeout(done, 150)); next()');
}

/** The texts of every QR code in a screenshot of the page. */
export async function readQrCodes(driver) {
  await drawn(driver);
  const folder = mkdtempSync(join(tmpdir(), 'sendapi-pairing-shot-'));
  try {
    const file = join(folder, 'screen.png');
    writeFileSync(file, Buffer.from(await driver.takeScreenshot(), 'base64'));
    return zbar(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The text of the one QR code on the screen. */
export async function readQrCode(driver) {
  const deadline = Date.now() + DRAWN;
  for (;;) {
    const codes = await readQrCodes(driver);
    if (codes.length === 1) return codes[0];
    if (Date.now() > deadline) throw new Error(`expected one QR code on the screen, zbar read ${codes.length}`);
  }
}

function zbar(file) {
  try {
    const text = execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', file], {
      encoding: 'utf8',
      // It tells of every D-Bus it does not find.
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.split('\n').filter(Boolean);
  } catch (error) {
    // Status 4: no code in the picture.
    if (error.status === 4) return [];
    throw error;
  }
}
