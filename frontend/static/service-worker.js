// Keeps the shell of the app at hand, so that it opens at once and without a network. Data is never kept
// here: whatever begins with /api goes to the server.
const CACHE = "kehu-shell-2";
const FILES = [
  "/", "/app.css", "/app.js", "/app_bg.wasm", "/boot.js", "/icons/icon.svg", "/manifest.webmanifest", "/parts.js",
  "/texts/en.txt", "/texts/zh-Hans.txt", "/parts/*",
];
// Files are asked for with their version, so that what the page has loaded already is not loaded again,
// and are kept without it.
const plain = (address) => new URL(address, location.origin).pathname;
const SHELL = FILES.map(plain);

async function keep(cache, address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  await cache.put(plain(address), answer);
}

async function forgetOthers() {
  const names = (await caches.keys()).filter((name) => name !== CACHE);
  await Promise.all(names.map((name) => caches.delete(name)));
  // The parts of an older version.
  const cache = await caches.open(CACHE);
  const old = (await cache.keys()).filter((request) => !SHELL.includes(plain(request.url)));
  await Promise.all(old.map((request) => cache.delete(request)));
}

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE)
      .then((cache) => Promise.all(FILES.map((address) => keep(cache, address))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/api")) return;
  const key = request.mode === "navigate" ? "/" : url.pathname;
  if (!SHELL.includes(key)) return;
  // The network first: program and page must be of one version. The kept copy serves when there is none.
  event.respondWith(
    fetch(request)
      .then((answer) => {
        if (answer.ok) {
          const copy = answer.clone();
          event.waitUntil(caches.open(CACHE).then((cache) => cache.put(key, copy)));
        }
        return answer;
      })
      .catch(() => caches.match(key).then((kept) => kept ?? Response.error())),
  );
});
