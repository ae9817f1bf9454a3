/** How a test starts Debian's Chromium: `chromium.launch({ executablePath: requirePart("chromium"), args: chromiumFlags })`. */
export const chromiumFlags: readonly string[] = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
