/* What a device keeps for one person until it is sent: drafts in the browser's database, each one encrypted with a key
   that this person's sign-in opens and that leaves the device with it. Beside the encrypted answers only times, a state
   and identifiers stand there in the clear. Nothing here is needed to fill in a form; without it the form posts. */
var mendlineStore = (function () {
  "use strict";
  var NAME = "mendline-capture", HOUR = 3600000;
  var KEEP_SENT = 72 * HOUR, KEEP_UNSENT = 30 * 24 * HOUR;
  var opened;

  function open() {
    opened = opened || new Promise(function (done, failed) {
      var asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = function () {
        asked.result.createObjectStore("keys", { keyPath: "id" });
        asked.result.createObjectStore("drafts", { keyPath: "id" });
      };
      asked.onsuccess = function () { done(asked.result); };
      asked.onerror = function () { failed(asked.error); };
    });
    return opened;
  }
  function act(store, mode, what) {
    return open().then(function (db) {
      return new Promise(function (done, failed) {
        var step = db.transaction(store, mode, { durability: "strict" });
        var asked = what(step.objectStore(store));
        step.oncomplete = function () { done(asked && asked.result); };
        step.onerror = step.onabort = function () { failed(step.error); };
      });
    });
  }
  function get(store, id) { return act(store, "readonly", function (s) { return s.get(id); }); }
  function put(store, row) { return act(store, "readwrite", function (s) { return s.put(row); }); }
  function remove(store, id) { return act(store, "readwrite", function (s) { return s.delete(id); }); }
  function all() { return act("drafts", "readonly", function (s) { return s.getAll(); }); }

  function bytes(text) { return new TextEncoder().encode(text); }
  function salt() {
    return get("keys", "salt").then(function (row) {
      if (row) { return row.salt; }
      var fresh = crypto.getRandomValues(new Uint8Array(16));
      return put("keys", { id: "salt", salt: fresh }).then(function () { return fresh; });
    });
  }
  /* The key of a person on this device. It cannot be read out again, not even by this page. */
  function derived(secret) {
    return salt().then(function (with_salt) {
      return crypto.subtle.importKey("raw", bytes(secret), "HKDF", false, ["deriveKey"]).then(function (from) {
        var how = { name: "HKDF", hash: "SHA-256", salt: with_salt, info: bytes("mendline capture") };
        return crypto.subtle.deriveKey(how, from, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
      });
    });
  }
  function hold(told) {
    return derived(told.secret).then(function (key) {
      var held = {
        id: "current", person: told.person, key: key, minutes: told.minutes, until: Date.now() + told.minutes * 60000,
        initials: told.initials, places: told.places
      };
      return put("keys", held).then(function () {
        return Promise.all((told.former || []).map(function (before) { return carry(before, held); }));
      }).then(function () { return held; });
    });
  }
  /* The server's key was renewed: what the one before had sealed for this person is sealed anew. */
  function carry(before, held) {
    return Promise.all([derived(before.secret), all()]).then(function (found) {
      var then = { person: before.person, key: found[0] };
      return Promise.all(found[1].filter(function (row) { return row.person === then.person; }).map(function (row) {
        return unseal(then, row).then(function (opened) {
          return seal(held, opened.draft, row.state, { saved: row.saved, sent: row.sent });
        }).catch(function () { return null; });
      }));
    });
  }
  /* Who may open drafts here now: nobody once the time of a sign-in has run out. */
  function holder() {
    return get("keys", "current").then(function (held) {
      if (!held) { return null; }
      if (held.until < Date.now()) { return lock().then(function () { return null; }); }
      return held;
    });
  }
  function touch(held) { held.until = Date.now() + held.minutes * 60000; return put("keys", held); }
  function lock() {
    return remove("keys", "current").then(all).then(function (rows) {
      return Promise.all(rows.filter(function (row) { return row.state === "sent"; }).map(function (row) {
        return remove("drafts", row.id);
      }));
    });
  }

  function seal(held, draft, state, more) {
    var iv = crypto.getRandomValues(new Uint8Array(12));
    var how = { name: "AES-GCM", iv: iv, additionalData: bytes(draft.id + held.person) };
    return crypto.subtle.encrypt(how, held.key, bytes(JSON.stringify(draft))).then(function (sealed) {
      var row = { id: draft.id, person: held.person, service: draft.service, state: state, saved: Date.now(), iv: iv, sealed: sealed };
      Object.keys(more || {}).forEach(function (name) { row[name] = more[name]; });
      return put("drafts", row).then(function () { return row; });
    });
  }
  function unseal(held, row) {
    var how = { name: "AES-GCM", iv: row.iv, additionalData: bytes(row.id + held.person) };
    return crypto.subtle.decrypt(how, held.key, row.sealed).then(function (plain) {
      return { row: row, draft: JSON.parse(new TextDecoder().decode(plain)) };
    });
  }
  /* Everything of this person, newest first; `locked` counts what others wait to open. */
  function mine(held) {
    return all().then(function (rows) {
      var own = rows.filter(function (row) { return held && row.person === held.person; });
      var locked = rows.filter(function (row) { return row.state !== "sent" && !(held && row.person === held.person); });
      return Promise.all(own.map(function (row) {
        return unseal(held, row).catch(function () { return null; });
      })).then(function (found) {
        found = found.filter(Boolean).sort(function (a, b) { return b.row.saved - a.row.saved; });
        return { drafts: found, locked: locked.length };
      });
    });
  }
  function one(held, id) {
    return get("drafts", id).then(function (row) {
      return row && row.person === held.person ? unseal(held, row) : null;
    });
  }
  /* What was sent goes after 72 hours, what nobody came back for after 30 days, and at once what a role no longer covers. */
  function tidy(held) {
    return all().then(function (rows) {
      return Promise.all(rows.map(function (row) {
        var old = Date.now() - (row.sent || row.saved) > (row.state === "sent" ? KEEP_SENT : KEEP_UNSENT);
        var uncovered = held && row.person === held.person && held.places && !(row.service in held.places);
        return old || uncovered ? remove("drafts", row.id) : null;
      }));
    });
  }
  /* The number of the form that follows another: the same as the server's (UUID version 5, RFC 9562). */
  function followed(id, number) {
    var from = id.replace(/-/g, "").match(/../g).map(function (pair) { return parseInt(pair, 16); });
    var name = Array.prototype.slice.call(bytes("follows " + number));
    return crypto.subtle.digest("SHA-1", new Uint8Array(from.concat(name))).then(function (sum) {
      var made = Array.prototype.slice.call(new Uint8Array(sum), 0, 16);
      made[6] = (made[6] & 15) | 80;
      made[8] = (made[8] & 63) | 128;
      var hex = made.map(function (one) { return (one + 256).toString(16).slice(1); }).join("");
      return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
    });
  }
  var works = !!(window.indexedDB && window.crypto && crypto.subtle && window.Promise && window.fetch);
  return {
    works: works, hold: hold, holder: holder, touch: touch, lock: lock, seal: seal, mine: mine, one: one, tidy: tidy,
    remove: function (id) { return remove("drafts", id); }, followed: followed
  };
}());
