/* A device and the server: who is there, what waits to be sent, and what became of each sending. */
var mendlineDevice = (function (store) {
  "use strict";
  var root = document.querySelector("[data-capture]");
  if (!root || !store.works) { return null; }
  var PATIENCE = 10000;
  var away = root.hasAttribute("data-away");
  var told = null;

  function find(selector) { return root.querySelector(selector); }
  function each(list, act) { Array.prototype.forEach.call(list, act); }
  function two(number) { return (number < 10 ? "0" : "") + number; }
  function clock(at) { at = new Date(at); return two(at.getHours()) + ":" + two(at.getMinutes()); }
  function day(at) { return at.getFullYear() + "-" + two(at.getMonth() + 1) + "-" + two(at.getDate()); }
  function signal(words, sent) {
    var badge = find("[data-signal]");
    badge.hidden = !words;
    badge.textContent = words;
    badge.classList.toggle("is-sent", !!sent);
  }

  /* Asks who is signed in. "out": nobody. "away": no answer. Otherwise what opens this person's drafts. */
  function ask() {
    var stop = new AbortController();
    var timer = setTimeout(function () { stop.abort(); }, PATIENCE);
    return fetch("/capture/key", { credentials: "same-origin", redirect: "manual", cache: "no-store", signal: stop.signal })
      .then(function (answer) {
        clearTimeout(timer);
        if (answer.type === "opaqueredirect" || answer.status === 401) { return "out"; }
        return answer.ok ? answer.json() : "away";
      }).catch(function () { clearTimeout(timer); return "away"; });
  }
  /* Opens what this device keeps for whoever is there; whatever it holds for somebody else is locked first. */
  function holder() {
    return store.holder().then(function (held) {
      if (away) { return held; }
      var known = held && held.person === root.dataset.person;
      return (known ? Promise.resolve(held) : store.lock().then(function () { return null; })).then(function (mine) {
        return ask().then(function (answer) {
          if (typeof answer === "string") { return mine; }
          told = answer;
          return store.hold(answer);
        });
      });
    }).then(function (held) { return store.tidy(held).then(function () { return held; }); });
  }

  /* One sending; says what became of it: sent, again, open, conflict, refused, out (sign in first) or away. */
  function send(draft) {
    var stop = new AbortController();
    var timer = setTimeout(function () { stop.abort(); }, PATIENCE);
    return fetch("/capture/sendings", {
      method: "POST", credentials: "same-origin", redirect: "manual", signal: stop.signal,
      headers: { "Content-Type": "application/json", "X-CSRF-Token": told.csrf },
      body: JSON.stringify({
        form: draft.form, service_id: draft.service, record_id: draft.id, answers: draft.answers,
        unknown: draft.unknown, completes: draft.completes, finished_at: draft.finished, sent_at: new Date().toISOString()
      })
    }).then(function (answer) {
      clearTimeout(timer);
      if (answer.type === "opaqueredirect" || answer.status === 401) { return { outcome: "out" }; }
      if (answer.ok || answer.status === 422) {
        return answer.json().catch(function () { return { outcome: "away" }; });
      }
      if (answer.status === 403 || answer.status === 404) {
        return { outcome: "refused", says: "Your sign-in does not cover this any more. Tell whoever is in charge." };
      }
      return { outcome: "away" };
    }).catch(function () { clearTimeout(timer); return { outcome: "away" }; });
  }
  /* Sends what waits, oldest first, one tab at a time. */
  function flush(held) {
    function go() {
      return store.mine(held).then(function (found) {
        var waiting = found.drafts.filter(function (one) { return one.row.state === "waiting"; }).reverse();
        if (!waiting.length) { return "nothing"; }
        return ask().then(function (answer) {
          if (typeof answer === "string") { return answer; }
          if (answer.person !== held.person) { return "out"; }
          told = answer;
          return waiting.reduce(function (before, one) {
            return before.then(function (last) {
              if (last === "away" || last === "out") { return last; }
              signal("Sending");
              return deliver(held, one.draft).then(function (answer) { return answer.outcome; });
            });
          }, Promise.resolve("sent"));
        });
      });
    }
    return navigator.locks ? navigator.locks.request("mendline-capture-send", go) : go();
  }
  function deliver(held, draft) {
    return send(draft).then(function (answer) {
      if (answer.outcome === "sent" || answer.outcome === "again") {
        return store.seal(held, draft, "sent", { sent: Date.now() }).then(function () { return answer; });
      }
      if (answer.outcome === "open") { return store.remove(draft.id).then(function () { return answer; }); }
      if (answer.outcome === "conflict" || answer.outcome === "refused") {
        draft.says = answer.says;
        draft.problems = answer.problems || {};
        return store.seal(held, draft, answer.outcome).then(function () { return answer; });
      }
      return answer;
    });
  }
  return {
    root: root, away: away, find: find, each: each, two: two, clock: clock, day: day, signal: signal, ask: ask, holder: holder,
    flush: flush, deliver: deliver, heard: function (answer) { told = answer; }
  };
}(mendlineStore));
