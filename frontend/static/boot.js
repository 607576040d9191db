// Starts the app: theme and language first, so that nothing flashes, then the program itself.
const root = document.documentElement;
const stored = (key) => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

const theme = stored("kehu.theme");
if (theme === "light" || theme === "dark") root.dataset.theme = theme;
root.lang = stored("kehu.locale") || navigator.language || "zh-Hans";

// The texts of each language, which the app asks for when it is to speak it.
const files = { "zh-Hans": "/texts/zh-Hans.txt", en: "/texts/en.txt" };
globalThis.kehuTexts = async (language) => {
  const answer = await fetch(files[language]);
  if (!answer.ok) throw new Error(`${files[language]}: ${answer.status}`);
  return answer.text();
};

const language = root.lang.toLowerCase().startsWith("zh") ? "zh-Hans" : "en";
const texts = globalThis.kehuTexts(language);
// Whoever waits for them is told when they do not come.
texts.catch(() => {});
try {
  const app = await import("/app.js");
  await app.default({ module_or_path: "/app_bg.wasm" });
  if (!app.start(language, await texts)) throw new Error("The texts are not of this version.");
  document.getElementById("boot")?.remove();
} catch (problem) {
  console.error(problem);
  const place = document.getElementById("boot-problem");
  if (place) {
    place.hidden = false;
    place.textContent = root.lang.startsWith("zh")
      ? "应用没有启动。请检查网络后刷新页面；如仍不行，请更新浏览器。"
      : "The app did not start. Check the connection and reload; if that does not help, update the browser.";
  }
}

if ("serviceWorker" in navigator && location.protocol !== "file:") {
  navigator.serviceWorker.register("/service-worker.js").catch(console.warn);
}
