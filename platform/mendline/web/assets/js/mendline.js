/* Small comforts. Every page works without this file: forms post, links lead, progress pages refresh themselves. */
(function () {
  "use strict";
  var root = document.documentElement;

  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }

  /* A chosen theme is kept in a cookie, so that the server sends the next page in it and nothing flashes. */
  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }
  function themes(button) {
    function say() { button.textContent = isDark() ? "Use light colours" : "Use dark colours"; }
    button.hidden = false;
    say();
    button.addEventListener("click", function () {
      root.dataset.theme = isDark() ? "light" : "dark";
      var secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = "mendline_theme=" + root.dataset.theme + "; Path=/; Max-Age=31536000; SameSite=Lax" + secure;
      say();
      document.dispatchEvent(new CustomEvent("mendline:theme"));
    });
  }

  /* + and − beside a number: typing stays possible, the new value is announced. */
  function step(button) {
    var field = document.getElementById(button.getAttribute("aria-controls"));
    var live = document.getElementById(button.getAttribute("aria-controls") + "-now");
    button.hidden = false;
    button.addEventListener("click", function () {
      var by = Number(button.dataset.step), low = field.dataset.min ? Number(field.dataset.min) : 0;
      var high = field.dataset.max ? Number(field.dataset.max) : Infinity;
      var next = field.value === "" && by < 0 ? low : (Number(field.value) || 0) + by;
      field.value = String(Math.min(high, Math.max(low, next)));
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
      if (live) { live.textContent = field.value; }
    });
  }

  /* Where something is being made in the background, only its region is fetched again, not the page. */
  function watch(region) {
    var every = Number(region.dataset.refresh) * 1000;
    function again() {
      if (document.hidden) { setTimeout(again, every); return; }
      fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } })
        .then(function (answer) { if (!answer.ok) { throw new Error(String(answer.status)); } return answer.text(); })
        .then(function (text) {
          var fresh = new DOMParser().parseFromString(text, "text/html").getElementById(region.id);
          if (!fresh) { location.reload(); return; }
          if (fresh.innerHTML !== region.innerHTML) { region.innerHTML = fresh.innerHTML; }
          if (fresh.dataset.refresh) { setTimeout(again, every); }
        })
        .catch(function () { setTimeout(again, every * 4); });
    }
    setTimeout(again, every);
  }

  function closeOnEscape(menu) {
    menu.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
    });
  }

  /* Signing out, and asking who signs in, takes away what opens drafts on this device; the drafts wait, locked. */
  function lockDrafts(then) {
    var asked = window.indexedDB && indexedDB.open("mendline-capture", 1);
    if (!asked) { then(); return; }
    asked.onupgradeneeded = function () { asked.transaction.abort(); };
    asked.onerror = then;
    asked.onsuccess = function () {
      var step = asked.result.transaction(["keys", "drafts"], "readwrite"), drafts = step.objectStore("drafts");
      step.objectStore("keys").delete("current");
      drafts.openCursor().onsuccess = function (event) {
        var at = event.target.result;
        if (at) { if (at.value.state === "sent") { at.delete(); } at.continue(); }
      };
      step.oncomplete = step.onerror = function () { asked.result.close(); then(); };
    };
  }
  function leave(form) {
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      lockDrafts(function () { form.submit(); });
    });
  }

  /* A clock that runs while evidence is looked for; it goes on from the server's count, whatever this device's time. */
  function run(clock) {
    var began = performance.now() - 1000 * Number(clock.dataset.waited);
    function part(number, word) { return number + " " + word + (number === 1 ? "" : "s"); }
    setInterval(function () {
      var all = Math.floor((performance.now() - began) / 1000), minutes = Math.floor(all / 60), rest = all % 60;
      clock.textContent = (minutes ? part(minutes, "minute") : "") + (minutes && rest ? " " : "") + (rest || !minutes ? part(rest, "second") : "");
      clock.classList.toggle("late", all > Number(clock.dataset.allowed));
    }, 1000);
  }

  each("form.out", leave);
  if (document.querySelector('form[action^="/sign-in"]')) { lockDrafts(function () { return null; }); }
  each("[data-theme-button]", themes);
  each("[data-step]", step);
  each("[data-refresh]", watch);
  each("[data-waited]", run);
  each("details.menu", closeOnEscape);
  each(".errors", function (box) { box.focus(); });
}());
