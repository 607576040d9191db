// Keeps the shell of the app at hand, so that it opens at once and without a network. Data is never kept
// here: whatever begins with /api goes to the server.
const CACHE = "kehu-shell-1";
const SHELL = ["/", "/app.css", "/app.js", "/app_bg.wasm", "/boot.js", "/icons/icon.svg", "/manifest.webmanifest"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/api")) return;
  // A page of its own, with a program of its own.
  if (url.pathname === "/ui") return;
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
