/* Pages of capture without a signal. Kept are forms without anybody in them and the files that they need: never a page
   that was drawn for a person. `self.MENDLINE` names them; a new version keeps its own and drops the old. */
"use strict";
var CACHE = "mendline-capture-" + self.MENDLINE.version;

function bare(address) { return new Request(address, { credentials: "omit", cache: "reload" }); }
function fill() {
  return caches.open(CACHE).then(function (cache) {
    return Promise.all(self.MENDLINE.files.concat(self.MENDLINE.pages).map(function (address) {
      return fetch(bare(address)).then(function (answer) {
        if (!answer.ok || answer.redirected) { throw new Error(address); }
        return cache.put(address, answer);
      });
    }));
  });
}
self.addEventListener("install", function (event) { event.waitUntil(fill().then(function () { return self.skipWaiting(); })); });
self.addEventListener("activate", function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.map(function (name) {
      return name.indexOf("mendline-capture-") === 0 && name !== CACHE ? caches.delete(name) : null;
    }));
  }).then(function () { return self.clients.claim(); }));
});

function away(path) {
  var parts = path.split("/").filter(Boolean);
  return parts.length >= 3 ? "/capture/away/" + parts[2] : "/capture/away";
}
self.addEventListener("fetch", function (event) {
  var asked = event.request, url = new URL(asked.url);
  if (asked.method !== "GET" || url.origin !== self.location.origin) { return; }
  if (asked.mode === "navigate" && (url.pathname === "/capture" || url.pathname.indexOf("/capture/") === 0)) {
    event.respondWith(fetch(asked).catch(function () {
      return caches.match(away(url.pathname), { ignoreVary: true }).then(function (kept) { return kept || caches.match("/capture/away", { ignoreVary: true }); });
    }));
  } else if (url.pathname.indexOf("/static/") === 0) {
    event.respondWith(caches.match(asked, { ignoreVary: true }).then(function (kept) {
      return kept || fetch(asked).then(function (answer) {
        if (answer.ok) {
          var copy = answer.clone();
          caches.open(CACHE).then(function (cache) { return cache.put(asked, copy); });
        }
        return answer;
      });
    }));
  }
});
